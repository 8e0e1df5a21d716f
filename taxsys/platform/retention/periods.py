"""保管期間の日付: the dated parameters of the retention desk."""

from datetime import date, timedelta
from pathlib import Path

from taxsys.params.loader import read_parameter

_FOLDER = Path(__file__).parent / "params"


def backup_days(on: date) -> int:
    """Days after which a copy of the data (控え) is gone, in force on a day."""
    value = read_parameter(_FOLDER / "backup.toml").at(on).value
    if not isinstance(value, int):
        raise TypeError("retention.backup_days is a number of days")
    return value


def copies_gone_on(on: date) -> date:
    """The day on which the last copy taken up to `on` has expired by rule."""
    return on + timedelta(days=backup_days(on))
