"""特別徴収義務者の管理: the privilege of paying twice a year, and the history of designation numbers.

地方税法321条の4・321条の5の2; F-PL-003, F-PL-005, F-PL-006, R-017.
"""
