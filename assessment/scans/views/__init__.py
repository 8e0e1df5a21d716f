"""画面 of the scanned papers: registering and masking, looking and revealing."""
