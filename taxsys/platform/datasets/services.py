"""データセットの書出し: checked against its purpose, the copy registered with owner and last day."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.datasets.declaration import Dataset, any_text, dataset_check
from taxsys.platform.files.payloads.spreadsheet import table_csv
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.registers.services import Draft, row_open
from taxsys.platform.search.services import holds_my_number
from taxsys.platform.staff.models import Staff

MAX_DAYS = 366


class ExportRefused(ValueError):
    """A dataset cannot be exported as asked; `message_ja` for the person."""

    def __init__(self, message_ja: str) -> None:
        super().__init__(message_ja)
        self.message_ja = message_ja


@dataclass(frozen=True, slots=True)
class Exported:
    """What left: the bytes, how many rows, and the register's row that stands for the copy."""

    content: bytes
    row_count: int
    copy: RegisterRow


@transaction.atomic
def dataset_export(
    dataset: Dataset, params: Mapping[str, int], *, reason_ja: str, expires_on: date, actor: Staff
) -> Exported:
    """書き出す: CSV (UTF-8 with mark) of the declared columns, with its row in the register of copies (R-233).

    Raises PurposeRefused for a column outside of the use, ExportRefused without reason or last day, or where a cell
    can be a My Number.
    """
    dataset_check(dataset)
    today = clock.today()
    if not reason_ja.strip():
        raise ExportRefused("書き出す理由を入力してください。")
    if not today < expires_on or (expires_on - today).days > MAX_DAYS:
        raise ExportRefused("消去の期限は、明日から1年以内の日にしてください。")
    content, row_count = dataset_csv(dataset, params)
    copy = row_open(
        Draft(
            kind="data_copy",
            unit=actor.unit_on(),
            values={
                "title": dataset.title_ja,
                "sort": "dataset",
                "owner_no": actor.staff_no,
                "reason": reason_ja.strip(),
                "place": "書き出した端末",
                "is_encrypted": False,
                "has_numbers": False,
                "record_count": row_count,
                "sha256": hashlib.sha256(content).hexdigest(),
                "expires_on": expires_on.isoformat(),
            },
        ),
        actor=None,
    )
    access_record(action="export", record_type="dataset", record_id=dataset.id, reason=copy.row_no, count=row_count)
    return Exported(content, row_count, copy)


def dataset_csv(dataset: Dataset, params: Mapping[str, int]) -> tuple[bytes, int]:
    """The bytes and the number of rows. Raises ExportRefused where a cell can be a My Number."""
    rows: list[list[str]] = []
    for row in dataset.rows(params):
        cells = [any_text(value) for value in row]
        if len(cells) != len(dataset.columns):
            raise ExportRefused("データセットの列の数が宣言と違うため、書き出しませんでした。")
        if any(holds_my_number(cell) for cell in cells):
            raise ExportRefused("個人番号の形の数字があるため、書き出しませんでした。システム担当に連絡してください。")
        rows.append(cells)
    return table_csv([column.title_ja for column in dataset.columns], rows), len(rows)
