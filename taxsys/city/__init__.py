"""The synthetic city (合成都市): fictional people, employers and payments, deterministic by seed.

The city stands outside the system. It writes exchange files only, in the layouts of `taxsys.platform.files`, and reads
what the system sends out (slip lists, debit requests) as the outside world would. It imports no duty app and knows no
rule of the tax office; what it needs of the law (the pay slip's own arithmetic) it has as an employer would have it.
"""
