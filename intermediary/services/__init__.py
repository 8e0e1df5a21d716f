"""Writes of the intermediary; each in one transaction."""
