"""移行 (take-over): opening balances from a legacy system, its slips still in circulation, the parallel run."""
