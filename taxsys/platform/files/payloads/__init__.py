"""Payloads: what stands in a bar code, on a bank record or in a list, built and read by pure functions."""
