"""Draws the arrows between the rooms for Dagster, and does nothing else."""
