"""資料一件の画面の値: everything the page of one paper shows, also when an act on it was refused."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

from addressbook.access import access_shown, number_use
from addressbook.card import card_context
from addressbook.disclosure import HIDDEN_TEXT, ShownAddress, addresses_for
from addressbook.models import Party
from addressbook.services.matching import MatchCandidate, MatchResult
from assessment.models import SourceDocument, SourceState
from assessment.permissions import FORWARD_SOURCES, MATCH_SOURCES, PLACE_SOURCES, REGISTER_SCANS, VIEW_SCANS
from assessment.scans.selectors import scans_of_document
from assessment.sources import matching, repeats, selectors
from assessment.sources.placements import placements_of
from assessment.views.people import officer_names
from taxsys.kernel import wareki
from taxsys.platform.staff.access import has_permission
from taxsys.platform.ui.subject_token import subject_token

OUTPUT = "assessment.matching"
PURPOSE = "課税資料の突合"
STATE_LEVELS = {
    SourceState.ACTIVE: "done",
    SourceState.SUPERSEDED: "neutral",
    SourceState.CANCELLED: "neutral",
    SourceState.UNMATCHED: "caution",
    SourceState.HELD: "caution",
    SourceState.DUPLICATE: "neutral",
    SourceState.ELSEWHERE: "caution",
    SourceState.RETURNED: "neutral",
    SourceState.KEPT: "neutral",
    SourceState.FORWARDED: "neutral",
}


def document_values(request: HttpRequest, found: SourceDocument) -> dict[str, Any]:
    """Everything the page of one paper shows; also used when an act on it was refused."""
    staff: Any = request.user
    may_match = has_permission(staff, MATCH_SOURCES)
    values: dict[str, Any] = {"candidates": [], "is_hidden": False}
    if found.party_id:
        values |= _card(request, found)
    else:
        values |= candidate_values(request, found)
    history = selectors.match_history(found)
    officers = officer_names(one.event.actor_id for one in history)
    is_hidden = values["is_hidden"]
    return values | {
        "document": found,
        "level": STATE_LEVELS[SourceState(found.state)],
        "boxes": selectors.boxes(found),
        "relatives": [] if is_hidden else selectors.relatives(found),
        "relatives_hidden": is_hidden and bool(found.relatives),
        "address_ja": HIDDEN_TEXT if is_hidden and found.address else found.address,
        "payer_ja": HIDDEN_TEXT if is_hidden and found.withholder else str(found.withholder or ""),
        "evidence": selectors.evidence_marks(found.match_evidence, hides_address=is_hidden),
        "has_number": selectors.has_number(found),
        "excluded_ja": selectors.exclusions_of([found.pk]).get(found.pk, ""),
        "history": [{"shown": one, "officer": officers.get(one.event.actor_id, _actor(one.event.actor_id))}
                    for one in history],
        "may_match": may_match,
        "may_decide": has_permission(staff, FORWARD_SOURCES),
        "choices": repeats.CHOICES,
        "why_ja": selectors.state_reasons([found]).get(found.pk, ""),
        "may_place": has_permission(staff, PLACE_SOURCES),
        "placements": _placements(found),
        "scans": list(scans_of_document(found.pk)) if has_permission(staff, VIEW_SCANS) else [],
        "may_scan": has_permission(staff, REGISTER_SCANS),
        "token": subject_token(request, form="document", subject=str(found.pk), version=version_of(found)),
        "here": "unmatched",
    }  # fmt: skip


def _placements(found: SourceDocument) -> list[dict[str, Any]]:
    """Where the paper lies and lay, newest first, with the officers' names."""
    places = placements_of(found)
    officers = officer_names(one.placed_by for one in places)
    return [{"row": one, "officer": officers.get(one.placed_by, one.placed_by)} for one in places]


def _actor(actor_id: str) -> str:
    return "バッチ" if actor_id in {"batch", ""} else actor_id


def _card(request: HttpRequest, found: Any) -> dict[str, Any]:
    """The card around a bound paper, and how many other papers rest on the number it brought."""
    values = card_context(request, found.party_id, "documents")
    party_id = values["party"].id
    same_number = (
        selectors.documents_of_party(party_id).filter(match_method="number").exclude(pk=found.pk).count()
        if found.match_evidence.get("number_bound") == "stored"
        else 0
    )
    return {**values, "is_hidden": values["person"]["is_protected"], "others_by_number": same_number}


def candidates_for(papers: Sequence[SourceDocument], staff: Any | None) -> dict[int, MatchResult]:
    """Who may be meant: with the papers' numbers for an officer who may match, else by kana and birth date alone (to
    know whose address must not be shown)."""
    if staff is None:
        return matching.candidates_of(papers, by_number=False)
    with number_use(MATCH_SOURCES, purpose=PURPOSE, staff=staff):
        return matching.candidates_of(papers)


def candidate_values(request: HttpRequest, paper: SourceDocument) -> dict[str, Any]:
    """Candidates of one paper for its page: name, birth date, address as it may appear, what agreed, score."""
    staff: Any = request.user
    may_match = paper.state == SourceState.UNMATCHED and has_permission(staff, MATCH_SOURCES)
    result = candidates_for([paper], staff if may_match else None)[paper.pk]
    ids = [one.party_id for one in result.candidates]
    addresses = addresses_for(ids, output=OUTPUT)
    values: dict[str, Any] = {"is_hidden": any(addresses[party_id].is_masked for party_id in ids)}
    if not may_match:
        return values
    parties = {party.id: party for party in Party.objects.filter(pk__in=ids)}
    access_shown(ids, action="view", record_type="assessment.candidates")
    shown = [_candidate(one, parties[one.party_id], addresses[one.party_id]) for one in result.candidates]
    return values | {
        "candidates": sorted(shown, key=lambda one: -int(one["score"])),
        "reason_ja": matching.reason_ja(result),
        "needs_two": result.reason in matching.TWO_PEOPLE,
    }


def _candidate(one: MatchCandidate, party: Party, address: ShownAddress) -> dict[str, Any]:
    return {
        "party": party,
        "birth_ja": wareki.format_long(party.birth_on) if party.birth_on else "",
        "address_ja": address.text,
        "score": matching.shown_score(one, is_masked=address.is_masked),
        "marks": selectors.evidence_marks(one.evidence, hides_address=address.is_masked),
    }


def version_of(paper: SourceDocument) -> str:
    """What must not have changed between showing a paper and acting on it: its state, party and last act."""
    last = paper.match_events.order_by("-pk").values_list("pk", flat=True).first()
    return f"{paper.state}:{paper.party_id or ''}:{last or 0}"
