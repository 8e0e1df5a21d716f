"""Set-based writes of the ledger: COPY into a temporary table, then INSERT … SELECT. Raw SQL lives only here."""
