"""払込と徴収取扱費: the ledger of what goes to the prefecture, the fee it pays the city, the year's report."""
