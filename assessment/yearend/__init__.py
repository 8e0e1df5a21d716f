"""年度切替・過年度引継ぎ (B-PI-28): what blocks the new year, what carries into it, which year the screens work in."""
