"""折衝記録 (contacts): what was said with a debtor and what is to be done next. F-DL-013."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from delinquency.errors import ContactRefused
from delinquency.models import Contact
from taxsys.platform import clock
from taxsys.platform.audit import context
from taxsys.platform.audit.services import access_record


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDraft:
    """What was typed."""

    party_id: UUID
    contacted_on: date
    method: str
    content_ja: str
    next_on: date | None = None
    next_ja: str = ""


@transaction.atomic
def contact_record(draft: ContactDraft) -> Contact:
    """Keep a contact. Raises ContactRefused for an empty or future one, or a next step before it."""
    if not draft.content_ja.strip():
        raise ContactRefused("折衝の内容を入力してください。")
    if draft.contacted_on > clock.today():
        raise ContactRefused("折衝日が業務日より後です。日付を確かめてください。")
    if draft.next_on and draft.next_on < draft.contacted_on:
        raise ContactRefused("次にする日が折衝日より前です。日付を確かめてください。")
    contact = Contact.objects.create(
        party_id=draft.party_id,
        contacted_on=draft.contacted_on,
        method=draft.method,
        content_ja=draft.content_ja.strip(),
        next_on=draft.next_on,
        next_ja=draft.next_ja.strip(),
        recorded_by=context.current().actor_id,
        recorded_at=clock.now(),
    )
    access_record(
        action="create",
        subjects=[str(draft.party_id)],
        record_type="delinquency.contact",
        record_id=str(contact.pk),
    )
    return contact
