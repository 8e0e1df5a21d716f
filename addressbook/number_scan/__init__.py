"""番号の漏えい点検: what a leaked My Number may look like in any bytes, and how it is found again (R-172, R-214).

`digits` reads numbers out of bytes, `views` undoes encodings and containers, `scanner` puts both together. Nothing here
knows a number: `Known` is asked which of the candidates are real ones, and no answer carries digits.
"""
