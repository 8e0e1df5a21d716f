"""金融機関マスタの取込: the whole list of a day; what is new begins, what is gone ends, a new name goes on anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from collection.errors import DebitError
from collection.models import BankBranch, DebitMandate
from collection.params import debit_plan
from collection.services.imports import FileRecord
from taxsys.kernel import wareki

_NAMES = ("bank_name", "bank_kana", "branch_name", "branch_kana")
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class BanksOutcome:
    """Counts of one list."""

    opened: int
    renamed: int
    closed: int
    unchanged: int


def banks_replace(records: Iterable[FileRecord], *, as_of: date) -> BanksOutcome:
    """Bring the master in step with the list of a day; the same list again changes nothing.

    Raises DebitError, nothing written, for an empty list, a branch that stands twice, a list older than the master,
    and one in which more branches are missing than the city's limit: then it is a part of a list.
    """
    with transaction.atomic():
        rows = {}
        for record in records:
            key = (str(record.values["bank_code"]), str(record.values["branch_code"]))
            if key in rows:
                raise DebitError(f"{record.line_no}行目: 銀行番号{key[0]}・支店番号{key[1]}が2行あります。")
            rows[key] = record.values
        standing = {
            (one.bank_code, one.branch_code): one
            for one in BankBranch.objects.select_for_update().filter(valid_to__isnull=True)
        }
        _refuse_unlikely(rows, standing, as_of)
        closing = [one for key, one in standing.items() if key not in rows or _differs(one, rows[key])]
        opening = [key for key, values in rows.items() if key not in standing or _differs(standing[key], values)]
        same_day = [one for one in closing if one.valid_from == as_of]
        BankBranch.objects.filter(pk__in=[one.pk for one in same_day]).delete()
        BankBranch.objects.filter(pk__in=[one.pk for one in closing if one.valid_from < as_of]).update(valid_to=as_of)
        BankBranch.objects.bulk_create((_branch(key, rows[key], as_of) for key in sorted(opening)), batch_size=5000)
    renamed = sum(key in standing for key in opening)
    return BanksOutcome(len(opening) - renamed, renamed, len(closing) - renamed, len(rows) - len(opening))


def _refuse_unlikely(rows: Mapping[Key, Any], standing: Mapping[Key, BankBranch], as_of: date) -> None:
    if not rows:
        raise DebitError("金融機関の行がありません。一覧のファイルを確かめてください。")
    newest = max((one.valid_from for one in standing.values()), default=as_of)
    if as_of < newest:
        raise DebitError(f"マスタは{wareki.format_long(newest)}現在です。それより前の一覧は取り込めません。")
    gone = sum(key not in rows for key in standing)
    limit = debit_plan().most_closed_percent
    if standing and gone * 100 > limit * len(standing):
        raise DebitError(
            f"登録済み{len(standing):,}店のうち{gone:,}店がこの一覧にありません（限度{limit}％）。"
            "一部だけの一覧でないか確かめてください。"
        )


def _differs(one: BankBranch, values: Mapping[str, Any]) -> bool:
    return any(getattr(one, name) != str(values[name]) for name in _NAMES)


def _branch(key: Key, values: Mapping[str, Any], as_of: date) -> BankBranch:
    names = {name: str(values[name]) for name in _NAMES}
    return BankBranch(bank_code=key[0], branch_code=key[1], valid_from=as_of, **names)


def mandates_of_closed_branches(on: date) -> list[DebitMandate]:
    """支店の廃止で引き落とせなくなる依頼: mandates that have not ended and whose branch is not in the master."""
    if not BankBranch.objects.exists():
        return []
    known = set(BankBranch.objects.on(on).values_list("bank_code", "branch_code"))
    post = debit_plan().post_bank_code
    return [
        one
        for one in DebitMandate.objects.not_ended(on).select_related("tax_kind").order_by("mandate_no")
        if one.bank_code != post and (one.bank_code, one.branch_code) not in known
    ]
