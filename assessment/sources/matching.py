"""職員による突合 (matching by a clerk): candidates with evidence, binding, undoing, forwarding; each act on record.

A paper whose number belongs to somebody else, or whose only candidate holds another number, needs two people (N-010,
N-031): the clerk proposes, another officer decides. R-012, F-PI-017, F-PI-018.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from addressbook.access import number_use
from addressbook.models import Party
from addressbook.services.matching import ADDRESS_SCORE, MatchCandidate, MatchResult, MatchRow, match_many
from addressbook.services.numbers import number_bind_held, number_unbind
from assessment.errors import MatchRefused
from assessment.models import MatchEvent, MatchMethod, SourceDocument, SourceState
from assessment.permissions import APPROVE_MATCH
from assessment.sources.services import document_lock, match_assign, match_undo, state_move
from taxsys.platform import clock
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.staff.models import Staff

APPROVAL_KIND = "assessment.match"
REASONS_JA = {
    "no_candidate": "該当する宛名がありません。住登外者の登録か、他市町村への回送を検討してください。",
    "ambiguous": "同じカナ・生年月日の宛名が複数あります。住所・勤務先などから選んでください。",
    "weak": "一致する項目が足りません。本人か確かめてください。",
    "number_mismatch": "個人番号の持ち主が資料と合いません。二人で確かめてください(決裁が要ります)。",
    "different_number": "候補の宛名は別の個人番号を持っています。二人で確かめてください(決裁が要ります)。",
    "": "一致する宛名があります。突合のバッチでも結び付きます。",
}
TWO_PEOPLE = frozenset({"number_mismatch", "different_number"})
_CONTRADICTING_JA = {"name": "氏名", "birth_on": "生年月日", "died_on": "死亡日（資料の年より前）"}
_BOUND = "number_bound"


def income_from(tax_year: int) -> date:
    """First day of the year whose income a paper of this 課税年度 speaks of."""
    return date(tax_year - 1, 1, 1)


def reason_ja(result: MatchResult) -> str:
    """Why no party was chosen, in words; for a number with another person's data, which items contradict (N-010)."""
    words = REASONS_JA[result.reason]
    items = "、".join(_CONTRADICTING_JA[item] for item in result.contradicting)
    return f"{words}相違：{items}。" if items else words


def candidates_of(documents: Sequence[SourceDocument], *, by_number: bool = True) -> dict[int, MatchResult]:
    """Paper → what the address book says about it, set-based.

    With `by_number` the numbers that came with the papers are compared inside the vault: needs a context with a legal
    base (number_use).
    """
    results = match_many(
        [
            MatchRow(
                ref=str(document.pk),
                name=document.name,
                name_kana=document.name_kana,
                birth_on=document.birth_on,
                address_text=document.address,
                number_ref=document.number_ref if by_number else None,
                since=income_from(document.tax_year),
            )
            for document in documents
        ]
    )
    return {document.pk: result for document, result in zip(documents, results, strict=True)}


def shown_score(candidate: MatchCandidate, *, is_masked: bool) -> int:
    """The score as it may be shown: for a person whose address is hidden it does not depend on the address (N-100)."""
    return candidate.score - (ADDRESS_SCORE if is_masked and candidate.evidence["address"] else 0)


@transaction.atomic
def match_attach(document_id: int, party_id: UUID, *, actor: Staff, reason: str) -> SourceDocument | Approval:
    """突合する: bind the paper with the clerk's reason, or propose it where numbers disagree (then an Approval).

    Raises DocumentNotFound, MatchRefused (bound meanwhile, no such party, no reason), AlreadyProposed.
    """
    if not reason.strip():
        raise MatchRefused("突合の理由を入力してください。", field="reason")
    party = Party.objects.filter(pk=party_id, merged_into__isnull=True).first()
    if party is None:
        raise MatchRefused("宛名が見つかりません。名寄せで統合された宛名は統合先を選んでください。", field="person_no")
    document = document_lock(document_id)
    if document.state != SourceState.UNMATCHED:
        raise MatchRefused(f"「{document.get_state_display()}」の資料は突合できません。画面を開き直してください。")
    found = candidates_of([document])[document.pk]
    if found.reason in TWO_PEOPLE:
        return approval_propose(
            kind=APPROVAL_KIND,
            subject_key=f"document:{document.pk}",
            title_ja=f"番号の合わない資料の突合({document.get_kind_display()})",
            content={"document": document.pk, "party": str(party.pk), "reason": reason.strip(), "found": found.reason},
            actor=actor,
        )
    return _bind(document, party.pk, found, actor_id=actor.staff_no, reason=reason)


def match_stale(approval: Approval) -> str:
    """Why the proposal no longer stands: the paper was bound or forwarded, or the party merged, meanwhile."""
    content = approval.content
    if not SourceDocument.objects.filter(pk=int(content["document"]), state=SourceState.UNMATCHED).exists():
        return "起案の後に、この資料は別に処理されました。"
    if not Party.objects.filter(pk=content["party"], merged_into__isnull=True).exists():
        return "起案の後に、宛名が統合されました。"
    return ""


def match_approved(approval: Approval) -> None:
    """The second person agreed: bind as proposed (runs inside the decision's transaction)."""
    content = approval.content
    document = document_lock(int(content["document"]))
    proposer = approval.proposed_by.staff_no
    decider = approval.decided_by.staff_no if approval.decided_by else ""
    reason = f"{content['reason']}(決裁 {decider})"[:200]
    with number_use(APPROVE_MATCH, purpose="番号の合わない資料の突合"):
        found = candidates_of([document])[document.pk]
        _bind(document, UUID(content["party"]), found, actor_id=proposer, reason=reason)


def _bind(
    document: SourceDocument, party_id: UUID, found: MatchResult, *, actor_id: str, reason: str
) -> SourceDocument:
    agreed = next((one.evidence for one in found.candidates if one.party_id == party_id), {})
    evidence: dict[str, Any] = {"agreed": dict(agreed), "reason": reason.strip()}
    if document.number_ref is not None:
        evidence[_BOUND] = number_bind_held(document.number_ref, party_id)
    return match_assign(document.pk, party_id, actor_id=actor_id, reason=reason, evidence=evidence)


@transaction.atomic
def match_detach(document_id: int, *, actor_id: str, reason: str) -> SourceDocument:
    """突合を取り消す: the paper goes back to the work list; a number that this very binding had stored ends with it.

    Needs a context with a legal base. Raises DocumentNotFound, MatchRefused.
    """
    document = document_lock(document_id)
    if document.party_id and document.number_ref:
        outcome = document.match_evidence.get(_BOUND, "same")
        if outcome == "stored":
            number_unbind(document.party_id, document.number_ref)
        elif outcome == "same":
            # The party had this number before; nothing is held for the paper any more.
            document.number_ref = None
            document.save(update_fields=["number_ref"])
    return match_undo(document_id, actor_id=actor_id, reason=reason)


@transaction.atomic
def document_forward(document_id: int, *, actor_id: str, reason: str) -> SourceDocument:
    """当市の課税対象でない: take the paper off the work list as one for another municipality. Raises MatchRefused."""
    if not reason.strip():
        raise MatchRefused("回送の理由(回送先の市区町村など)を入力してください。", field="reason")
    document = document_lock(document_id)
    if document.state != SourceState.UNMATCHED:
        raise MatchRefused(f"「{document.get_state_display()}」の資料は回送にできません。画面を開き直してください。")
    return _moved(document, SourceState.FORWARDED, actor_id=actor_id, reason=reason, is_undo=False)


@transaction.atomic
def document_take_back(document_id: int, *, actor_id: str, reason: str) -> SourceDocument:
    """回送・返戻・保管を取り消す: the paper returns to the list it came from. Raises MatchRefused."""
    if not reason.strip():
        raise MatchRefused("取消の理由を入力してください。", field="reason")
    document = document_lock(document_id)
    if document.state not in {SourceState.FORWARDED, SourceState.RETURNED, SourceState.KEPT}:
        raise MatchRefused(f"「{document.get_state_display()}」の資料は回送の取消ができません。")
    if document.party_id:
        return state_move(document, SourceState.ELSEWHERE, actor_id=actor_id, reason=reason)
    return _moved(document, SourceState.UNMATCHED, actor_id=actor_id, reason=reason, is_undo=True)


def _moved(document: SourceDocument, state: str, *, actor_id: str, reason: str, is_undo: bool) -> SourceDocument:
    document.state = state
    document.save(update_fields=["state"])
    MatchEvent.objects.create(
        document=document,
        party=None,
        method=MatchMethod.NONE,
        evidence={"state": str(state)},
        is_undo=is_undo,
        actor_id=actor_id,
        reason=reason.strip(),
        recorded_at=clock.now(),
    )
    return document
