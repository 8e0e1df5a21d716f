"""台帳の画面の部品: a row in words, its steps for this officer, its history."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from taxsys.platform.refusals import Refused
from taxsys.platform.registers import registry
from taxsys.platform.registers.access import may_step
from taxsys.platform.registers.declaration import ANSWERS, Field, Kind, Step
from taxsys.platform.registers.models import RegisterRow, RowVersion
from taxsys.platform.registers.selectors import row_labels
from taxsys.platform.registers.services import REOPEN
from taxsys.platform.registers.values import shown
from taxsys.platform.staff.access import has_permission

ACTS_JA = {"create": "登録", "edit": "変更", REOPEN.code: REOPEN.title_ja}
LEVELS = {"open": "info", "closed": "done"}


@dataclass(frozen=True)
class Shown:
    """One item of the page: label, words, address, and the answers of a checklist."""

    title_ja: str
    text: str
    url: str = ""
    answers: tuple[tuple[str, str, str], ...] = ()


def kind_opened(request: HttpRequest, code: str, permission: str = "view") -> Kind:
    """The kind, for an officer who holds the family's right; raises Refused 404 or 403."""
    kind = registry.kind_find(code)
    if kind is None:
        raise Refused("R404", "この台帳はありません。一覧から選び直してください。", reason="not_found")
    needed = getattr(kind.family, permission)
    if not has_permission(request.user, needed):
        raise Refused("R403", f"この操作の権限がありません（必要：{needed.title_ja}）。", reason="no_permission")
    return kind


def row_opened(request: HttpRequest, row_id: Any) -> tuple[RegisterRow, Kind]:
    """The row and its kind, for an officer who may read it; raises Refused 404 or 403."""
    row = RegisterRow.objects.select_related("unit").filter(pk=row_id).first()
    if row is None:
        raise Refused("R404", "この行はありません。一覧を開き直してください。", reason="not_found")
    return row, kind_opened(request, row.kind)


def state_level(row: RegisterRow) -> str:
    """Level of the badge of a state."""
    return LEVELS.get(row.state, "caution")


def values_shown(kind: Kind, values: Any) -> list[Shown]:
    """The filled items of a row in order, with links to rows and parties."""
    labels = row_labels(str(values.get(one.name, "")) for one in kind.fields if one.type == "row")
    return [_shown(one, values[one.name], labels) for one in kind.fields if values.get(one.name) not in (None, "", {})]


def _shown(one: Field, value: Any, labels: dict[str, str]) -> Shown:
    if one.type == "row":
        url = reverse("register-row", args=(value,)) if value in labels else ""
        return Shown(one.title_ja, labels.get(value, "（削除済）"), url)
    if one.type == "link":
        target = registry.link_get(one.links_to).show(value)
        return Shown(one.title_ja, target.label, target.url)
    if one.type == "checklist":
        words, items = dict(ANSWERS), one.items() if one.items else ()
        answers = tuple(
            (item.title_ja, item.ground_ja, words.get(value.get(item.code, ""), "未回答")) for item in items
        )
        return Shown(one.title_ja, shown(one, value), "", answers)
    return Shown(one.title_ja, shown(one, value))


def steps_shown(request: HttpRequest, row: RegisterRow, kind: Kind) -> list[Step]:
    """The steps from the row's state that this officer may do."""
    staff: Any = request.user
    steps = [REOPEN] if row.is_closed else [step for step in kind.all_steps if row.state in step.from_states]
    return [step for step in steps if may_step(staff, row, step)]


def act_ja(kind: Kind, version: RowVersion) -> str:
    """The words of what was done."""
    step = kind.step(version.act)
    return ACTS_JA.get(version.act) or (step.title_ja if step else version.act)
