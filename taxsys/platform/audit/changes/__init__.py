"""変更記録: before and after of master data, by the same person, terminal and request as the access log (ADR 0011)."""
