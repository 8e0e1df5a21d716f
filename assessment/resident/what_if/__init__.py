"""政策試算 (what-if): the decided year of the whole city under an edited law, computed at once and kept nowhere.

base      the decided facts without a party, as compact columns in one encrypted file
edits     legal values typed by a planner, read and checked
answer    the same `compute` over the base, before and after, in sums by group
disclosure what may be shown of the sums, so that nobody can be recomputed
services  one what-if from edits to answer, with its access events
"""
