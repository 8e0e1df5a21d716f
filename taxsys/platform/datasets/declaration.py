"""データセットの宣言: its use and the stored fields it is made of; a field not held for the use is refused.

For statistics no group of numbers, names, addresses or keys of persons allows it: such a column cannot be declared, and
the export writes nothing but declared columns, so it is not in the file at all (R-172, N-107).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taxsys.platform.dictionary import use_check
from taxsys.platform.staff.catalogue import Permission

Rows = Callable[[Mapping[str, int]], Iterable[Sequence[int | str]]]


@dataclass(frozen=True, kw_only=True)
class Column:
    """列: its heading, and the stored fields (`app.Model.field`) it is made of; a count of rows is made of none."""

    name: str
    title_ja: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """データセット. `rows(params)` yields the values of the columns in their order; `params` are whole numbers."""

    id: str
    title_ja: str
    use: str
    note_ja: str
    columns: tuple[Column, ...]
    rows: Rows
    params: tuple[tuple[str, str], ...] = (("tax_year", "課税年度（西暦）"),)
    permission: Permission | None = None


_datasets: dict[str, Dataset] = {}


def dataset_register(dataset: Dataset) -> None:
    """Announce a dataset (AppConfig.ready); the same id replaces."""
    _datasets[dataset.id] = dataset


def dataset_check(dataset: Dataset) -> None:
    """Raise PurposeRefused where a column is made of a field whose group does not allow the use."""
    use_check(dataset.use, [name for column in dataset.columns for name in column.fields])


def datasets() -> tuple[Dataset, ...]:
    """Every dataset by id."""
    return tuple(_datasets[key] for key in sorted(_datasets))


def dataset_get(dataset_id: str) -> Dataset:
    """The dataset of this id. Raises KeyError."""
    return _datasets[dataset_id]


def any_text(value: Any) -> str:
    """A cell: whole numbers and codes only; anything else is a fault of the dataset."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError(f"a dataset holds whole numbers and codes, not {type(value).__name__}")
    return str(value)
