"""点検を台帳に残す: one row with who, when, against which file and the result; the workbook attached."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from taxsys.platform import clock
from taxsys.platform.components.advisories import Comparison
from taxsys.platform.components.inventory import Component
from taxsys.platform.components.workbook import workbook_of
from taxsys.platform.registers.attachments import attachment_add
from taxsys.platform.registers.kinds.components import COMPONENT_CHECK
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.registers.services import Draft, row_open
from taxsys.platform.staff.models import Staff

SHOWN = 50  # findings in words on the row; all of them stand in the workbook


@dataclass(frozen=True, slots=True)
class Feed:
    """脆弱性情報のファイル: its name and the SHA-256 of its bytes."""

    name: str
    sha256: str


def feed_of(path: Path) -> Feed:
    """Name and hash of the operator's file; raises OSError."""
    with path.open("rb") as stream:
        return Feed(path.name, hashlib.file_digest(stream, "sha256").hexdigest())


@transaction.atomic
def check_register(comparison: Comparison, components: Sequence[Component], feed: Feed, *, actor: Staff) -> RegisterRow:
    """登録する: the row and its workbook; raises NotYours where the officer may not enter rows of this register.

    The hash stands in groups, so that no run of its digits reads like a number of a person.
    """
    today = clock.today()
    certain = sum(one.certain for one in comparison.findings)
    unsure = len(comparison.findings) - certain
    values = {
        "title": f"部品の脆弱性点検（{feed.name[:80]}）",
        "checked_on": today.isoformat(),
        "feed_sha256": hash_shown(feed.sha256),
        "advisory_count": comparison.read,
        "withdrawn_count": comparison.withdrawn,
        "component_count": len(components),
        "finding_count": certain,
        "unsure_count": unsure,
        "findings": findings_shown(comparison),
    }
    row = row_open(Draft(kind=COMPONENT_CHECK.code, values=values, unit=actor.unit_on(today)), actor=actor)
    about = [(one.title_ja, str(values[one.name])) for one in COMPONENT_CHECK.fields if one.name in values]
    content = workbook_of([("番号", row.row_no), *about], comparison, components, made_on=today)
    attachment_add(row.pk, role="report", name=f"{row.row_no}.xlsx", content=content, actor=actor)
    return row


def hash_shown(digest: str) -> str:
    """A hash in groups of four."""
    return ":".join(digest[at : at + 4] for at in range(0, len(digest), 4))


def findings_shown(comparison: Comparison) -> str:
    """The findings in words, one a line; the rest by count."""
    lines = [
        f"{'' if one.certain else '（要確認）'}{one.component.name} {one.component.version}：{one.advisory}"
        f"（{one.severity}）直った版 {' '.join(one.fixed) or 'なし'}"
        for one in comparison.findings[:SHOWN]
    ]
    left = len(comparison.findings) - SHOWN
    return "\n".join([*lines, f"ほか{left:,}件（添付の表）"] if left > 0 else lines) or "該当なし"
