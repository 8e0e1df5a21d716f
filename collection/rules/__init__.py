"""収納の計算規則 (pure rules of collection): no database, no clock."""
