"""Pages of pension withholding."""
