"""Reads of the intermediary."""
