"""庁内資料の取込プロファイル: the items each division may hand over; anything more is refused and reported (R-126).

The table is one of people (CSV or XLSX). A column outside of the profile refuses the whole file, so that nobody takes
in what the tax office must not hold; lines with faults are reported by line, item and code, never with their values.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from django.db import transaction

from taxsys.kernel import wareki
from taxsys.kernel.checkdigits import my_number_valid
from taxsys.platform.files.errors import (
    E_CHARACTER,
    E_LENGTH,
    E_MISSING,
    L_CODE,
    L_HEADER,
    FileRefused,
    LineProblem,
)
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.services import file_receive, file_refuse, line_errors_record
from taxsys.platform.files.tables import Table, table_read

_FILE = Path(__file__).resolve().parent / "profiles.toml"
FORMAT = "department"
_PERSON_NO = re.compile(r"[0-9A-Za-z]{1,15}")
_YEN = re.compile(r"-?[0-9]{1,12}")
_TWELVE = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")


@dataclass(frozen=True, slots=True)
class ProfileItem:
    """One allowed item: the heading in the table, what stands in it, whether it must."""

    name: str
    title_ja: str
    type: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """What one division hands over: its items, and the group of record items they belong to. `mark` K: unconfirmed."""

    id: str
    unit_name: str
    title_ja: str
    group: str
    mark: str
    items: tuple[ProfileItem, ...]

    @property
    def format(self) -> str:
        """The receipts' format of this profile."""
        return f"{FORMAT}_{self.id}"

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings a table of this profile may have."""
        return tuple(one.title_ja for one in self.items)


@lru_cache(maxsize=1)
def profiles() -> Mapping[str, Profile]:
    """Every profile by id, in the order of the file."""
    given = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    found = {}
    for code, one in given.items():
        base = given[one["same_as"]] if "same_as" in one else one
        items = tuple(
            ProfileItem(item["name"], item["title"], item["type"], item.get("required", False))
            for item in base["items"]
        )
        found[code] = Profile(code, one["unit"], base["title"], base["group"], base["mark"], items)
    return MappingProxyType(found)


def department_receive(profile_id: str, *, name: str, content: bytes, channel: str) -> ReceivedFile:
    """Take a division's table in under its profile; the receipt says what became of it.

    A file that is no table, lacks a required column or has one that is not allowed is put into quarantine with the
    reason; otherwise its lines are checked and counted, and faulty ones reported. Raises DuplicateFile, and KeyError
    for a profile that is none.
    """
    profile = profiles()[profile_id]
    received = file_receive(
        name=name, content=content, format=profile.format, sender=profile.unit_name, channel=channel
    )
    try:
        table = table_read(content)
        _check_headings(profile, table)
    except FileRefused as refusal:
        file_refuse(received, refusal)
        return received
    problems = [one for line, row in zip(table.lines, table.rows, strict=True) for one in _problems(profile, line, row)]
    bad = {one.line_no for one in problems}
    with transaction.atomic():
        received.record_count = len(table.rows) - len(bad)
        received.error_count = len(bad)
        received.state = ReceivedFile.State.PARTLY_APPLIED if bad else ReceivedFile.State.STAGED
        received.save(update_fields=["record_count", "error_count", "state"])
        line_errors_record(received, problems)
    return received


def _check_headings(profile: Profile, table: Table) -> None:
    if extra := [one for one in table.header if one not in profile.headings]:
        shown = "・".join(_TWELVE.sub("＊" * 12, unicodedata.normalize("NFKC", one))[:20] for one in extra[:10])
        raise FileRefused(
            L_CODE,
            f"{profile.unit_name}から受け取ってよい項目にない列があります: {shown}。ファイルは取り込んでいません。"
            f"列を除いて出し直すよう依頼してください（受け取れる項目: {'・'.join(profile.headings)}）。",
        )
    required = {one.title_ja for one in profile.items if one.is_required}
    if missing := [one for one in profile.headings if one in required - set(table.header)]:
        raise FileRefused(
            L_HEADER, f"必要な列がありません: {'・'.join(missing)}。列を足して出し直すよう依頼してください。"
        )
    if not table.rows:
        raise FileRefused(L_HEADER, "表に行がありません。送付元に確認してください。")


def _problems(profile: Profile, line_no: int, row: Mapping[str, str]) -> list[LineProblem]:
    found = []
    for item in profile.items:
        text = unicodedata.normalize("NFKC", row.get(item.title_ja, ""))
        if fault := _fault(item, text):
            code, words = fault
            found.append(LineProblem(line_no, code, f"{item.title_ja}{words}", field=item.name, field_ja=item.title_ja))
    return found


def _fault(item: ProfileItem, text: str) -> tuple[str, str] | None:
    """(code, words) of what is wrong with a cell, or None. The value is never repeated."""
    if not text:
        return (E_MISSING, "がありません。") if item.is_required else None
    if any(my_number_valid(one) for one in _TWELVE.findall(text)):
        return E_CHARACTER, "に個人番号の形の数字があります。個人番号を除いて出し直すよう依頼してください。"
    kind, _, rest = item.type.partition(":")
    if kind == "person_no" and not _PERSON_NO.fullmatch(text):
        return E_CHARACTER, "が宛名番号の形ではありません。"
    if kind == "yen" and not _YEN.fullmatch(text.replace(",", "")):
        return E_CHARACTER, "が円単位の整数ではありません。"
    if kind == "code" and text not in rest.split("|"):
        return L_CODE, f"は{rest.replace('|', '・')}のいずれかです。"
    if kind == "text" and len(text) > int(rest):
        return E_LENGTH, f"が{rest}字を超えています。"
    if kind == "date":
        try:
            wareki.parse(text)
        except wareki.WarekiError:
            return E_CHARACTER, "が日付として読めません。"
    return None
