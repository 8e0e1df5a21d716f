"""家屋敷・事務所・事業所 (地方税法294条1項2号): people not living here who have premises here, from entry to notice."""
