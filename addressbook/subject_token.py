"""対象者の札: a signed mark in every form that says for whom it was drawn, by whom and in which state of the record.

A form saved in a window that by then shows somebody else, or a record that somebody else has changed meanwhile, is
refused instead of landing on the wrong person (I13, N-087).
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.core import signing

from addressbook.models import Address, DeliveryAddress, Party, PartyLink, PartyVersion
from taxsys.platform.refusals import Refused

_SALT = "addressbook.subject"
_LIFE_SECONDS = 8 * 60 * 60


@dataclass(frozen=True, slots=True)
class Subject:
    """What the token says. `form_key` is the id of the drawn form: the same form sent twice does one thing."""

    party_id: UUID
    form_key: UUID


def party_version(party_id: UUID) -> str:
    """The newest recording time of what staff can change about the party, as a mark of its state."""
    marks = []
    for model in (PartyVersion, Address, DeliveryAddress, PartyLink):
        rows = model.objects.filter(party_id=party_id).order_by("-id").values_list("id", "superseded_at")
        ended = rows.exclude(superseded_at=None).order_by("-superseded_at").values_list("superseded_at", flat=True)
        marks.append(f"{next((row[0] for row in rows[:1]), 0)}/{next(iter(ended[:1]), '')}")
    return "|".join(marks)


def token_make(party: Party, *, staff: Any, form_id: str) -> str:
    """The token for a form about the party, drawn now for this officer."""
    content = {"p": str(party.id), "s": staff.staff_no, "f": form_id, "v": party_version(party.id), "k": str(uuid4())}
    return signing.dumps(content, salt=_SALT)


def token_check(token: str, party: Party, *, staff: Any, form_id: str, changes_party: bool = True) -> Subject:
    """Read the token of a posted form. Raises Refused R409 when it is another person's, another officer's or form's,
    older than eight hours, or (for forms that change the party) the record has changed since it was drawn."""
    old_ja = "画面が古くなっています。開き直して、もう一度入力してください。"
    try:
        content = signing.loads(token, salt=_SALT, max_age=_LIFE_SECONDS)
    except signing.BadSignature as error:
        raise Refused("R409", old_ja, reason="subject_token") from error
    if (content["p"], content["s"], content["f"]) != (str(party.id), staff.staff_no, form_id):
        raise Refused(
            "R409",
            "表示中の対象者と、この入力の対象者が違います。対象者を確かめて、画面を開き直してください。",
            reason="subject_mismatch",
        )
    if changes_party and content["v"] != party_version(party.id):
        raise Refused(
            "R409",
            "入力中に、この宛名が他の操作で変更されました。画面を開き直し、変更後の内容を確かめて入力してください。",
            reason="subject_changed",
        )
    return Subject(party.id, UUID(content["k"]))
