"""Screens of the register and of the requests."""
