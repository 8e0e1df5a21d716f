"""Pages of the desk of withholders."""
