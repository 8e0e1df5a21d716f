"""Pure rules of the change of year."""
