"""紙の画像: scanned papers of a party or a source document, shown with the My Number blacked out (R-066)."""
