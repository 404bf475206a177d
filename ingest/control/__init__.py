"""The second reading of every file, by other engines, which the first one must agree with."""
