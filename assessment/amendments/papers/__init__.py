"""Papers of corrections and remissions."""
