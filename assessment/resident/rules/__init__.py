"""個人住民税の計算規則 (rules of the resident tax): pure functions of columns and legal parameters.

Read in the order of the law: facts → income → totals → deductions → exemptions → levy → credits → annual → result.
"""
