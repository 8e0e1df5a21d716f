"""重なる資料の判断 (writes): a payer's second report of one person, or a correction without its paper. F-PI-019."""

from django.db import transaction

from assessment.errors import MatchRefused
from assessment.models import SourceDocument, SourceState
from assessment.sources.services import binding_inherit, document_lock, state_move
from assessment.sources.states import REPLACEABLE

REPLACE, KEEP, DROP = "replace", "keep", "drop"
CHOICES = (
    (REPLACE, "訂正として、前の資料と置き換える"),
    (KEEP, "別の資料として、両方とも有効にする"),
    (DROP, "数えない(重複・誤送)"),
)


@transaction.atomic
def repeat_settle(document_id: int, choice: str, *, actor_id: str, reason: str) -> SourceDocument:
    """Decide about a held paper or a duplicate, with the reason. Raises DocumentNotFound, MatchRefused."""
    if not reason.strip():
        raise MatchRefused("理由を入力してください。", field="reason")
    if choice not in dict(CHOICES):
        raise MatchRefused("どう扱うかを選んでください。", field="choice")
    document = document_lock(document_id)
    if document.state not in {SourceState.HELD, SourceState.DUPLICATE}:
        raise MatchRefused(f"「{document.get_state_display()}」の資料は対象外です。画面を開き直してください。")
    if choice == DROP:
        return state_move(document, SourceState.DUPLICATE, actor_id=actor_id, reason=reason)
    if document.filing_kind == "3":
        raise MatchRefused("取消の届は有効な資料にできません。数えないとするか、元の資料が届くのを待ってください。")
    if choice == REPLACE:
        if document.supersedes_id is None:
            raise MatchRefused("置き換える前の資料がありません。", field="choice")
        original = document_lock(document.supersedes_id)
        if original.state not in REPLACEABLE:
            raise MatchRefused(f"前の資料は「{original.get_state_display()}」のため置き換えられません。")
        state_move(original, SourceState.SUPERSEDED, actor_id=actor_id, reason=reason)
        binding_inherit(document, original)
    state = SourceState.ACTIVE if document.party_id else SourceState.UNMATCHED
    return state_move(document, state, actor_id=actor_id, reason=reason)
