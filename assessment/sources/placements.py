"""紙の資料の保管場所 (R-187): where the paper of a source document lies; every move is a row of its own."""

from dataclasses import dataclass

from django.db import transaction

from assessment.errors import DocumentNotFound, PlacementRefused
from assessment.models import DocumentPlacement, SourceDocument
from taxsys.platform import clock
from taxsys.platform.search.services import holds_my_number
from taxsys.platform.staff.models import Staff


@dataclass(frozen=True, slots=True)
class Place:
    """保管場所: room, cabinet and box, and whether it is locked."""

    text: str
    is_locked: bool


@transaction.atomic
def document_place(document_id: int, place: Place, *, actor: Staff) -> DocumentPlacement:
    """保管場所を記録する; the same place again changes nothing.

    Raises DocumentNotFound, PlacementRefused for an empty place or one with a number in it.
    """
    document = SourceDocument.objects.select_for_update().filter(pk=document_id).first()
    if document is None:
        raise DocumentNotFound("この資料はありません。")
    text = place.text.strip()
    if not text or holds_my_number(text):
        raise PlacementRefused(
            "保管場所を入力してください（番号は書けません）。何も記録しませんでした。", field="place"
        )
    last = placement_now(document)
    if last is not None and (last.place, last.is_locked) == (text, place.is_locked):
        return last
    return DocumentPlacement.objects.create(
        document=document, place=text, is_locked=place.is_locked, placed_by=actor.staff_no, placed_at=clock.now()
    )


def placement_now(document: SourceDocument) -> DocumentPlacement | None:
    """Where the paper lies now; None where nobody has said so."""
    return document.placements.order_by("-pk").first()


def placements_of(document: SourceDocument) -> list[DocumentPlacement]:
    """Every place the paper has had, newest first."""
    return list(document.placements.order_by("-pk"))
