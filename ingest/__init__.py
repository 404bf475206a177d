"""Exports in, typed rows out: reads what the source systems hand over, and says what became of every row."""
