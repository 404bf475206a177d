"""From the bytes of a file to its records, as a spreadsheet shows them: CSV, workbooks, XML."""
