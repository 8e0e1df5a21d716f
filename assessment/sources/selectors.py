"""課税資料の照会: papers of a party and of a file, the work list of those bound to nobody, one paper as read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from assessment.models import DocumentExclusion, MatchEvent, MatchMethod, SourceDocument, SourceKind, SourceState
from assessment.sources.contents import CONTENTS, Box
from taxsys.kernel import wareki
from taxsys.platform.files.models import ReceivedFile

_CODE_WORDS: Mapping[str, Mapping[str, str]] = {"disability_code": {"0": "なし", "1": "障害者", "2": "特別障害者"}}
_ROLES = {
    "spouse": "配偶者",
    "dependant": "扶養親族",
    "under_16": "16歳未満の扶養親族",
    "specific_relative": "特定親族",
}
EVIDENCE_TITLES = (
    ("number", "個人番号"),
    ("name", "氏名"),
    ("former_name", "氏名（以前の氏名・旧氏・通称）"),
    ("kana", "カナ"),
    ("kana_loose", "カナ(ゆるい)"),
    ("birth_on", "生年月日"),
    ("address", "住所"),
    ("hint", "前年と同じ支払者・受給者番号"),
)
NUMBER_EVIDENCE_TITLES = (
    ("my_number", "個人番号"),
    ("name", "氏名"),
    ("former_name", "氏名（以前の氏名・旧氏・通称）"),
    ("birth_on", "生年月日"),
)
EXCLUSION_WORDS = {
    "later_return": "後の申告書があるため",
    "return_filed": "申告書が出ているため",
    "more_than_five_donees": "寄附先が5団体を超えるため",
}


@dataclass(frozen=True, slots=True)
class ShownBox:
    """One box of the paper: the paper's own words and what stands in it (empty boxes are not listed)."""

    title_ja: str
    text: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class ShownRelative:
    """A relative named on the paper; no number."""

    role_ja: str
    name: str
    kana: str
    birth_ja: str
    income_yen: int | None


@dataclass(frozen=True, slots=True)
class FileRow:
    """One received file with what became of its papers."""

    file: ReceivedFile
    papers: int
    matched: int
    unmatched: int
    others: int


def documents_of_party(party_id: UUID) -> QuerySet[SourceDocument]:
    """Papers bound to the party, newest year first."""
    return (
        SourceDocument.objects.filter(party_id=party_id)
        .select_related("withholder")
        .order_by("-tax_year", "kind", "-arrived_on", "pk")
    )


def documents_of_file(file_id: UUID) -> QuerySet[SourceDocument]:
    """Papers of one file, in the order of its lines."""
    return (
        SourceDocument.objects.filter(received_file_id=file_id).select_related("withholder").order_by("line_no", "pk")
    )


def document_files(limit: int = 500) -> list[FileRow]:
    """Files that brought papers, newest first, with the counts of their papers; two queries."""
    counts = {
        row["received_file"]: row
        for row in SourceDocument.objects.filter(received_file__isnull=False)
        .values("received_file")
        .annotate(
            papers=Count("pk"),
            matched=Count("pk", filter=Q(party__isnull=False)),
            unmatched=Count("pk", filter=Q(state=SourceState.UNMATCHED)),
        )
        .order_by()
    }
    files = ReceivedFile.objects.filter(pk__in=counts).order_by("-received_at", "name")[:limit]
    return [
        FileRow(one, row["papers"], row["matched"], row["unmatched"], row["papers"] - row["matched"] - row["unmatched"])
        for one in files
        if (row := counts[one.pk])
    ]


def work_list(state: str, *, tax_year: int | None = None, kind: str = "") -> QuerySet[SourceDocument]:
    """Papers of a state (unmatched, held, forwarded), oldest first."""
    rows = SourceDocument.objects.filter(state=state)
    if state == SourceState.FORWARDED:
        rows = rows.filter(party__isnull=True)
    if tax_year:
        rows = rows.filter(tax_year=tax_year)
    if kind in SourceKind.values:
        rows = rows.filter(kind=kind)
    return rows.order_by("arrived_on", "pk")


def unmatched_count() -> int:
    """How many papers wait on the work list."""
    return SourceDocument.objects.filter(state=SourceState.UNMATCHED, party__isnull=True).count()


def document_get(document_id: int) -> SourceDocument | None:
    """One paper with its file, payer and party."""
    return (
        SourceDocument.objects.select_related("received_file", "withholder", "party", "supersedes")
        .filter(pk=document_id)
        .first()
    )


def boxes(document: SourceDocument) -> list[ShownBox]:
    """The filled boxes in the paper's own order and words; a key that the paper does not know comes last."""
    known = CONTENTS.get(document.kind, ())
    shown = [_box(box, document.items[box.name]) for box in known if _is_filled(document.items.get(box.name))]
    names = {box.name for box in known}
    rest = [ShownBox(f"その他({key})", str(value), False) for key, value in sorted(document.items.items())
            if key not in names and _is_filled(value)]  # fmt: skip
    return [*shown, *rest]


def _is_filled(value: object) -> bool:
    return value not in (None, "", [], {})


def _box(box: Box, value: Any) -> ShownBox:
    if isinstance(value, list):
        texts = [_text(box, one) for one in value]
        return ShownBox(box.title_ja, "、".join(texts), False)
    return ShownBox(box.title_ja, _text(box, value), box.kind in {"yen", "count"})


def _text(box: Box, value: Any) -> str:
    if box.kind == "yen" and isinstance(value, int):
        return f"△{-value:,}円" if value < 0 else f"{value:,}円"
    if box.kind == "count" and isinstance(value, int):
        return f"{value:,}人"
    if box.kind == "flag":
        return "該当" if value else "非該当"
    if box.kind == "date":
        return _day(value)
    return _CODE_WORDS.get(box.name, {}).get(str(value), str(value))


def _day(value: Any) -> str:
    try:
        return wareki.format_long(date.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def relatives(document: SourceDocument) -> list[ShownRelative]:
    """Relatives named on the paper, in its order."""
    return [
        ShownRelative(
            _ROLES.get(str(one.get("role")), str(one.get("relation") or one.get("role") or "")),
            str(one.get("name") or ""),
            str(one.get("kana") or ""),
            _day(one["birth_on"]) if one.get("birth_on") else "",
            one.get("income_yen"),
        )
        for one in document.relatives
    ]


def evidence_marks(evidence: Mapping[str, Any], *, hides_address: bool = False) -> list[tuple[str, str]]:
    """(what, ✓ or ✗): name, birth date and address always, the other keys where they agreed; where the address is
    hidden its comparison is hidden too."""
    agreed = evidence.get("agreed", evidence)
    if isinstance(agreed, list):
        return [(title, "✓ 一致") for key, title in NUMBER_EVIDENCE_TITLES if key in agreed]
    if not isinstance(agreed, Mapping):
        return []
    marks = []
    for key, title in EVIDENCE_TITLES:
        if key == "address" and hides_address:
            marks.append((title, "－ 非表示"))
        elif agreed.get(key) or key in {"kana", "birth_on", "address"} & set(agreed):
            marks.append((title, "✓ 一致" if agreed[key] else "✗ 不一致"))
    return marks


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """突合の履歴 one act."""

    event: MatchEvent
    act_ja: str


def has_number(document: SourceDocument) -> bool:
    """Whether the paper came with a number: held for it still, or bound to a party by it once."""
    return document.number_ref is not None or document.match_events.filter(method=MatchMethod.NUMBER).exists()


def match_history(document: SourceDocument) -> list[ShownEvent]:
    """Every binding, undoing and forwarding of the paper, newest first."""
    events = document.match_events.select_related("party").order_by("-pk")
    return [ShownEvent(event, _act(event)) for event in events]


_STATE_ACTS = {
    SourceState.ACTIVE: "有効にした",
    SourceState.SUPERSEDED: "訂正により置き換えた",
    SourceState.CANCELLED: "取消により除いた",
    SourceState.DUPLICATE: "重複として除いた",
    SourceState.ELSEWHERE: "賦課期日に市外として一覧に挙げた",
    SourceState.FORWARDED: "他市町村への回送",
    SourceState.RETURNED: "提出者への返戻",
    SourceState.KEPT: "課税せず保管",
    SourceState.UNMATCHED: "突合不能の一覧に戻した",
}


def _act(event: MatchEvent) -> str:
    if not event.is_undo and event.evidence.get("state"):
        to_ja = f"（{event.evidence['destination']}）" if event.evidence.get("destination") else ""
        return _STATE_ACTS[SourceState(event.evidence["state"])] + to_ja
    if event.is_undo:
        return "突合の取消" if event.party_id else "回送の取消"
    if event.party_id is None:
        return "他市町村への回送"
    return f"突合({MatchMethod(event.method).label})"


def exclusions_of(document_ids: Sequence[int]) -> dict[int, str]:
    """Why papers did not count in the newest run that looked at them, by paper."""
    found: dict[int, str] = {}
    for row in DocumentExclusion.objects.filter(document_id__in=document_ids).order_by("run_id"):
        found[row.document_id] = EXCLUSION_WORDS.get(row.reason_code, row.reason_code)
    return found


def state_reasons(documents: Sequence[SourceDocument]) -> dict[int, str]:
    """Why each of these papers stands where it does, in a sentence, by paper; those that count have none."""
    wanted = {one.pk: one for one in documents if one.state in _WHY}
    replaced = {
        one.supersedes_id: one
        for one in SourceDocument.objects.filter(
            supersedes__in=wanted, state__in=[SourceState.ACTIVE, SourceState.SUPERSEDED, SourceState.CANCELLED,
                                              SourceState.UNMATCHED, SourceState.ELSEWHERE]
        ).order_by("pk")
    }  # fmt: skip
    others = SourceDocument.objects.in_bulk([one.supersedes_id for one in wanted.values() if one.supersedes_id])
    return {
        pk: _WHY[SourceState(one.state)](one, replaced.get(pk), others.get(one.supersedes_id or 0))
        for pk, one in wanted.items()
    }


def _came(paper: SourceDocument) -> str:
    return f"{wareki.format_short(paper.arrived_on)}受付"


def _why_superseded(_one: SourceDocument, by: SourceDocument | None, _other: SourceDocument | None) -> str:
    return f"支払者の訂正（{_came(by)}）により置き換えました。" if by else "後から認めた訂正により置き換えました。"


def _why_cancelled(one: SourceDocument, by: SourceDocument | None, other: SourceDocument | None) -> str:
    if one.filing_kind == "3":
        return f"{_came(other)}の資料を取り消す届です。" if other else "先に届いていた取消です。"
    return f"支払者の取消（{_came(by)}）により除きました。" if by else "支払者の取消により除きました。"


def _why_duplicate(_one: SourceDocument, _by: SourceDocument | None, other: SourceDocument | None) -> str:
    return f"同じ支払者の同じ内容の資料（{_came(other)}）があるため数えません。" if other else "重複として除きました。"


def _why_held(one: SourceDocument, _by: SourceDocument | None, other: SourceDocument | None) -> str:
    if other:
        return f"同じ支払者の同じ人の資料（{_came(other)}）と内容が違います。訂正か、別の資料かを決めてください。"
    return f"{'取消' if one.filing_kind == '3' else '訂正'}の元になる資料が届いていません。届けば自動で反映します。"


def _why_elsewhere(_one: SourceDocument, _by: SourceDocument | None, _other: SourceDocument | None) -> str:
    return "賦課期日（1月1日）に市内に住所がない人の資料です。計算には使いません。"


_WHY: dict[SourceState, Callable[[SourceDocument, SourceDocument | None, SourceDocument | None], str]] = {
    SourceState.SUPERSEDED: _why_superseded,
    SourceState.CANCELLED: _why_cancelled,
    SourceState.DUPLICATE: _why_duplicate,
    SourceState.HELD: _why_held,
    SourceState.ELSEWHERE: _why_elsewhere,
    SourceState.RETURNED: _why_elsewhere,
    SourceState.KEPT: _why_elsewhere,
}


def elsewhere_list(state: str, *, tax_year: int | None = None) -> QuerySet[SourceDocument]:
    """市外の人の資料 of one state (waiting, forwarded, returned, kept), oldest first, with person and payer."""
    rows = SourceDocument.objects.filter(state=state, party__isnull=False).select_related("party", "withholder")
    if tax_year:
        rows = rows.filter(tax_year=tax_year)
    return rows.order_by("arrived_on", "pk")


def elsewhere_count() -> int:
    """How many papers of people elsewhere wait."""
    return SourceDocument.objects.filter(state=SourceState.ELSEWHERE).count()


def last_moves(documents: Sequence[SourceDocument]) -> dict[int, MatchEvent]:
    """The newest act that moved each paper to where it is, by paper."""
    found: dict[int, MatchEvent] = {}
    states = {one.pk: one.state for one in documents}
    for event in MatchEvent.objects.filter(document_id__in=states).order_by("pk"):
        if event.evidence.get("state") == states[event.document_id]:
            found[event.document_id] = event
    return found


def letters_of(documents: Sequence[SourceDocument]) -> list[tuple[str, list[SourceDocument]]]:
    """送付書: the papers by where they go, in the order of the places."""
    moves = last_moves(documents)
    by_place: dict[str, list[SourceDocument]] = {}
    for one in documents:
        event = moves.get(one.pk)
        place = str(event.evidence.get("destination") or event.reason) if event else ""
        by_place.setdefault(place, []).append(one)
    return sorted(by_place.items())
