"""From records to typed rows: how a cell becomes a value, what is corrected, and the one fate of each row."""
