"""The raw layer: typed rows in Parquet, the ledger of the files that they come from, and what was last good."""
