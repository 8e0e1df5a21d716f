"""年金特別徴収の相手方とのやり取り: whom the payers withhold from, stops, and what was really withheld.

地方税法321条の7の2から321条の7の10まで; F-PL-007, F-CL-010, B-PI-17, B-PI-18; R-017.
"""
