"""Proposals and approvals: real effects of every kind, and the page that lists them."""
