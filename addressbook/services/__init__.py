"""Writes of the 宛名 duty."""
