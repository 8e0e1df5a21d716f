"""`make bench`: every figure as a ratio to a named floor or peer measured in the same run.

`make bench` measures a city of 20,000 residents in a few minutes, `make bench ARGS=330000` the whole one.
"""

import sys

import django

WHOLE = 100_000  # from so many residents on the books are measured at their full size too


def main() -> None:
    """Run the measurements; the first argument is the number of residents of the city that is measured."""
    django.setup()
    from tests.bench import (
        audit,
        checks,
        decade,
        explain,
        ledger,
        notices,
        openfisca,
        payments,
        rules,
        search,
        start,
        takeover,
        vault,
        what_if,
        year,
    )
    from tests.bench import print as printing

    residents = sys.argv[1:2]
    sys.argv[1:] = []
    rules.main()
    explain.main()
    what_if.main()
    openfisca.main()
    printing.main()
    notices.main()
    start.main()
    ledger.main()
    search.main()
    vault.main()
    sys.argv[1:] = residents
    year.main()
    sys.argv[1:] = residents or ["20000"]
    checks.main()
    sys.argv[1:] = ["100000"] if residents and int(residents[0]) >= WHOLE else []
    payments.main()
    sys.argv[1:] = residents
    takeover.main()
    sys.argv[1:] = residents if residents and int(residents[0]) >= WHOLE else []
    decade.main()
    sys.argv[1:] = []
    audit.main()  # last: it edits an event of the log, to find it


if __name__ == "__main__":
    main()
