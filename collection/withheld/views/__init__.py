"""Pages of the agents' payments."""
