"""What no run could make again: saved, and put back onto empty folders."""
