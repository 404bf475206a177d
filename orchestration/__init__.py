"""Draws the arrows between the rooms for Dagster; and what runs need beside: settings, commands, alerts, backups."""
