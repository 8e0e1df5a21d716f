"""収納の照会 (reads of collection). Raw SQL where a set has to be summed."""
