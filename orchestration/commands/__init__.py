"""The commands of `bodega`, a file a group of them; what they have in common is in common.py."""
