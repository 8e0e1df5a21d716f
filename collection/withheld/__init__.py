"""特別徴収義務者の納入: agents' payments matched to their monthly debt, what differs, and old designation numbers.

地方税法321条の5・321条の5の2; F-CL-009, F-CL-035, B-CL-09; R-017.
"""
