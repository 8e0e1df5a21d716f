"""定期点検: the review of the access log by the security officer, monthly and yearly (R-231, N-067, N-071)."""
