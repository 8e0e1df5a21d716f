"""対応記録の登録 (F-CM-023)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from addressbook.errors import NumberInText
from addressbook.models import ContactNote
from addressbook.number_text import holds_number
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactRow:
    """One contact as entered; the officer's name and unit are kept as they were that day."""

    party_id: UUID
    contacted_on: date
    channel: str
    text: str
    staff_no: str
    staff_name: str
    unit_name: str
    form_key: UUID


@transaction.atomic
def contact_add(row: ContactRow) -> ContactNote:
    """Add a note to the party; the same form sent again answers the note it made. Raises NumberInText: no My Number
    may stand in free text (N-025)."""
    if holds_number(row.text):
        access_record(action="denied", record_type="contact", result="denied", reason="number_in_text")
        raise NumberInText
    standing = ContactNote.objects.filter(form_key=row.form_key).first()
    if standing is not None:
        return standing
    note = ContactNote.objects.create(
        party_id=row.party_id,
        contacted_on=row.contacted_on,
        channel=row.channel,
        text=row.text,
        staff_no=row.staff_no,
        staff_name=row.staff_name,
        unit_name=row.unit_name,
        form_key=row.form_key,
        recorded_at=clock.now(),
    )
    access_record(action="create", subjects=[str(row.party_id)], record_type="contact", record_id=str(note.pk))
    return note
