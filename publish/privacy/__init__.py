"""Personal data: how they are found in any text, what is masked before a file is written, and the last look at all."""
