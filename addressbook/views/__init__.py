"""Screens of the 宛名 duty: the card of a party and the acts on it."""
