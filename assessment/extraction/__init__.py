"""EUC抽出 (extraction): questions of the office's own over a fixed, number-free view of the decisions in force.

Nobody writes SQL: columns, conditions and order are picked from a declared list, values travel as parameters, every
extraction is kept with its conditions and row count. F-DC-009, F-DC-010; R-172, R-213.
"""
