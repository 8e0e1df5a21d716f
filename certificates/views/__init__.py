"""Screens of the 証明 duty: the tab of the card, the counter, the register of the day."""
