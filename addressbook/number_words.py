"""個人番号の登録状況 in words: periods, how a number was confirmed, where it came from; never the number."""

from collections.abc import Sequence
from typing import Any

from addressbook.models import NumberEntry, NumberFile
from addressbook.number_codes import (
    AgentAuthority,
    IdentityEvidence,
    Mismatch,
    NumberEntryKind,
    NumberEntryState,
    NumberEvidence,
    NumberFileState,
    NumberForm,
)

STATUS_JA = {"active": "現在", "changed": "変更前", "released": "他の宛名に移動", "refused": "否認（使用停止）"}
VERIFIED_JA = {
    "resident-record": "住民記録による確認",
    "upstream": "給与支払者・年金保険者等による確認",
    "counter": "窓口で本人確認（番号法16条）",
}


def spell_rows(spells: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows of the table of periods, newest first as given; `file_ja` is the state of the file the number came from."""
    states = dict(
        NumberFile.objects.filter(pk__in=[spell.file_id for spell in spells if spell.file_id]).values_list(
            "pk", "state"
        )
    )
    return [
        {
            "spell": spell,
            "status_ja": STATUS_JA.get(spell.status, spell.status),
            "file_ja": NumberFileState(states[spell.file_id]).label if spell.file_id in states else "",
            "verified_ja": VERIFIED_JA.get(spell.verified_by, spell.verified_by or "記録なし"),
        }
        for spell in spells
    ]


def entry_words(entry: NumberEntry) -> dict[str, str]:
    """An entry in the words of its code lists."""
    return {
        "kind_ja": NumberEntryKind(entry.kind).label,
        "state_ja": NumberEntryState(entry.state).label,
        "form_ja": NumberForm(entry.form_code).label,
        "number_evidence_ja": NumberEvidence(entry.number_evidence).label,
        "identity_evidence_ja": IdentityEvidence(entry.identity_evidence).label,
        "agent_ja": AgentAuthority(entry.agent_authority).label if entry.agent_authority else "本人",
        "mismatches_ja": "、".join(Mismatch(code).label for code in entry.mismatches) or "なし",
    }
