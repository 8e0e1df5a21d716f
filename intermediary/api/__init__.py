"""REST for neighbouring systems."""
