"""Releases once they are made: where they live, which is in force, how long each is kept, whether each is whole."""
