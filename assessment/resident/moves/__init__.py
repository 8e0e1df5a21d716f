"""徴収方法の異動: employers that change in the year, and what that moves between the ways of collecting a year's tax.

A change is recorded as it was notified (給与所得者異動届出書, 特別徴収切替届出書); the timeline of a person's changes
says which months each employer has; a run (B-PI-20) brings the instalments in line, a second person lets it go, and
only differences reach the ledger. 地方税法321条の5・321条の7; F-PL-004, R-017, R-156.
"""
