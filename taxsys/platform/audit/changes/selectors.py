"""変更記録の照会: entries with before and after in the words of the screen."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import DateTimeField, Field, QuerySet

from taxsys.platform.audit.changes.registering import Logged, all_logged, logged_get
from taxsys.platform.audit.review.gathering import local_span
from taxsys.platform.audit.wording import WHO_JA, staff_names, unit_names
from taxsys.platform.ui.templatetags.house import moment

_ACTIONS = {0: "登録", 1: "更新", 2: "削除"}
_NOTHING = "（なし）"


@dataclass(frozen=True, kw_only=True)
class ChangeFilter:
    """検索条件; empty members do not narrow. Days are whole days in Japan, both included."""

    kind: str = ""
    record: str = ""
    actor: str = ""
    party: str = ""
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class ChangedField:
    """一つの項目: name, before, after."""

    label_ja: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """変更の一件. `request_id` is the access log's own, so that both can be laid beside each other."""

    at: datetime
    title_ja: str
    kind: str
    record: str
    action_ja: str
    who_ja: str
    unit_ja: str
    terminal: str
    request_id: str
    party: str
    fields: list[ChangedField]


def entries(narrow: ChangeFilter) -> QuerySet[LogEntry]:
    """Entries that meet the conditions, newest first; an unknown kind gives none."""
    found = LogEntry.objects.select_related("content_type").order_by("-id")
    if narrow.kind:
        entry = logged_get(narrow.kind)
        if entry is None:
            return found.none()
        found = found.filter(content_type=ContentType.objects.get_for_model(entry.model))
    if narrow.record:
        found = found.filter(object_pk=narrow.record)
    if narrow.actor:
        found = found.filter(additional_data__actor=narrow.actor)
    if narrow.party:
        found = found.filter(additional_data__party=narrow.party)
    if narrow.from_on:
        found = found.filter(timestamp__gte=local_span(narrow.from_on, narrow.from_on)[0])
    if narrow.to_on:
        found = found.filter(timestamp__lt=local_span(narrow.to_on, narrow.to_on)[1])
    return found


def changes(rows: Iterable[LogEntry]) -> list[Change]:
    """The rows in words: field names and choices in Japanese, officers and units by name."""
    rows = list(rows)
    known = {(one.model._meta.app_label, one.model._meta.model_name): one for one in all_logged()}
    names = staff_names(str((row.additional_data or {}).get("actor", "")) for row in rows)
    units = unit_names()
    told = []
    for row in rows:
        who: dict[str, str] = row.additional_data or {}
        entry = known.get((row.content_type.app_label, row.content_type.model))
        actor, kind = who.get("actor", ""), who.get("actor_kind", "system")
        name = names.get(actor, "") if kind == "staff" else WHO_JA.get(kind, kind)
        told.append(
            Change(
                at=row.timestamp,
                title_ja=entry.title_ja if entry else str(row.content_type),
                kind=entry.label if entry else "",
                record=row.object_pk,
                action_ja=_ACTIONS.get(row.action, ""),
                who_ja=f"{actor}　{name}".strip("　"),
                unit_ja=units.get(who.get("unit", ""), who.get("unit", "")),
                terminal=who.get("terminal", ""),
                request_id=who.get("request", "") or row.cid or "",
                party=who.get("party", ""),
                fields=list(_fields(row, entry)),
            )
        )
    return told


def _fields(row: LogEntry, entry: Logged | None) -> Iterable[ChangedField]:
    by_name = {one.name: one for one in entry.model._meta.concrete_fields} if entry else {}
    for name, value in (row.changes or {}).items():
        field = by_name.get(name)
        if entry is not None and field is None:
            continue  # what other tables say of the record stands in their own entries
        label = str(field.verbose_name) if field is not None else name
        before, after = value if isinstance(value, list) and len(value) == 2 else ("", str(value))
        if name != "id":
            yield ChangedField(label, _text(before, field), _text(after, field))


def _text(value: Any, field: "Field[Any, Any] | None") -> str:
    if value in (None, "", "None"):
        return _NOTHING
    if value in ("True", "False"):
        return "はい" if value == "True" else "いいえ"
    if isinstance(field, DateTimeField):
        with suppress(ValueError):  # a value that is no moment is shown as it is
            at = datetime.fromisoformat(str(value))
            return moment(at if at.tzinfo else at.replace(tzinfo=UTC))
    choices = dict(field.flatchoices) if field is not None and field.choices else {}
    return str(choices.get(value, value))
