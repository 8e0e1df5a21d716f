"""実演: one city's tax year, from the files that arrive to the certificate at the counter, each step a job.

`walk` is the walker with its accounts and its clock, `year` the order of the steps, `steps/` one module per desk.
"""

from taxsys.web.demo.walk import Demo, DemoStopped
from taxsys.web.demo.year import run_year, summary

__all__ = ["Demo", "DemoStopped", "run_year", "summary"]
