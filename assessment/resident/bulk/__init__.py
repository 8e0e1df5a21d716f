"""Set-based reads and writes of the resident tax: COPY of columns, INSERT … SELECT. Raw SQL stands here."""
