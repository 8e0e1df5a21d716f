"""Screens of the 滞納 duty: reminder runs, the tab of the card, acts on one reminder."""
