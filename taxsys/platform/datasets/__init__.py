"""データセット (datasets for statistics): declared with their use, fields and rows (R-148, R-172, R-233)."""
