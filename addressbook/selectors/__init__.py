"""Reads of the 宛名 duty; `on` is the day that counts, `known_at` the moment whose knowledge counts."""
