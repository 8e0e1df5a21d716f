"""Pure rules of corrections and remissions."""
