"""締め (closing): closed periods, books of levies and receipts by day, carry-over, payments to the prefecture."""
