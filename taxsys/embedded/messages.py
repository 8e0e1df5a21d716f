"""What the launcher says: Japanese first, English after it."""

import sys


class LauncherError(Exception):
    """A start that cannot go on; both texts say what happened and what to do."""

    def __init__(self, japanese: str, english: str) -> None:
        super().__init__(f"{japanese}\n{english}")


def say(japanese: str, english: str = "") -> None:
    """One line to the console."""
    sys.stdout.write(f"{japanese}{' / ' + english if english else ''}\n")
    sys.stdout.flush()
