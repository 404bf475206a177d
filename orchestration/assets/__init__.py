"""Assets, a module per layer. A body is a few lines that call a room; rules, SQL and formats live there."""
