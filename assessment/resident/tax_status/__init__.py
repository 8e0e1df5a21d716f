"""課税状況の調 (statistics of the year's assessment), in table shapes of our own until the official ones are at hand.

Declared tables over the decisions in force, proved to be their sums to the yen; for outside the house small figures are
hidden. F-PL-027, F-DC-011; R-172.
"""
