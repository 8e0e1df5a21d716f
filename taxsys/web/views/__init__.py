"""Views of the composition layer."""
