"""The forms of a dataset beside Parquet and CSV: workbook, zip, points, DuckDB file, OC4IDS; and their reading back."""
