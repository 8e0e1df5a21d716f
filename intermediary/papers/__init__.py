"""紙面 of the intermediary."""
