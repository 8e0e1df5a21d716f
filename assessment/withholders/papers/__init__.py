"""Papers to withholders."""
