"""`make bench`: every figure as a ratio to a named floor or peer measured in the same run."""

import sys

import django


def main() -> None:
    """Run the measurements that fit on one machine in a few minutes."""
    django.setup()
    from tests.bench import notices, rules, search, start
    from tests.bench import print as printing

    sys.argv[1:] = []
    rules.main()
    printing.main()
    notices.main()
    start.main()
    search.main()


if __name__ == "__main__":
    main()
