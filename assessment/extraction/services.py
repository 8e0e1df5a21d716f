"""抽出 (writes): every extraction leaves its record and its access event; definitions are kept by their owners."""

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from assessment.errors import ExtractionRefused
from assessment.extraction.models import ExtractionDefinition, ExtractionRecord
from assessment.extraction.question import Question, question_read
from assessment.extraction.selectors import Extracted, extraction_run
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.registers.exports import Form, written
from taxsys.platform.staff.models import Staff

SHOWN_MAX = 200
NAME_MAX = 60


@transaction.atomic
def extract_shown(question: Question, *, actor: Staff) -> Extracted:
    """The first rows on the screen, on record with the people shown."""
    limited = question_read(tax_year=question.tax_year, **{**_texts(question), "limit": min(question.limit, SHOWN_MAX)})
    found = extraction_run(limited, viewer=actor)
    _recorded(question, found, form="screen", actor=actor)
    return found


@transaction.atomic
def extract_file(question: Question, *, form: Form, actor: Staff) -> tuple[bytes, Extracted]:
    """The whole answer as a file. Raises ExtractionRefused where more match than the limit: no file is cut silently."""
    found = extraction_run(question, viewer=actor)
    if found.total > question.limit:
        raise ExtractionRefused(
            f"該当が{found.total:,}件で、出力の上限{question.limit:,}件を超えます。条件を絞るか上限を上げてください。",
            field="limit",
        )
    _recorded(question, found, form=form, actor=actor)
    return written(found.header, found.rows, form), found


def _recorded(question: Question, found: Extracted, *, form: str, actor: Staff) -> None:
    record = ExtractionRecord.objects.create(
        staff_no=actor.staff_no,
        tax_year=question.tax_year,
        content=question.stored,
        form=form,
        row_count=len(found.rows),
        recorded_at=clock.now(),
    )
    access_record(
        action="search" if form == "screen" else "export",
        record_type="assessment.extraction",
        record_id=str(record.pk),
        tax_year=question.tax_year,
        subjects=[str(party) for party in found.party_ids],
        count=len(found.rows),
    )


def _texts(question: Question) -> dict[str, Any]:
    return {key: value for key, value in question.stored.items() if key != "limit"}


def definitions_of(actor: Staff) -> QuerySet[ExtractionDefinition]:
    """The officer's own definitions and those shared in the division."""
    return ExtractionDefinition.objects.filter(
        Q(owner_no=actor.staff_no) | Q(is_shared=True, unit=actor.unit_on())
    ).select_related("unit")


@transaction.atomic
def definition_save(question: Question, *, name: str, is_shared: bool, actor: Staff) -> ExtractionDefinition:
    """Keep the question under a name; the owner's same name is replaced. Raises ExtractionRefused without a name."""
    name = name.strip()
    if not name or len(name) > NAME_MAX:
        raise ExtractionRefused(f"定義の名称を{NAME_MAX}文字までで入力してください。", field="name")
    saved, _ = ExtractionDefinition.objects.update_or_create(
        owner_no=actor.staff_no,
        name=name,
        defaults={
            "unit": actor.unit_on(),
            "is_shared": is_shared,
            "content": question.stored,
            "saved_at": clock.now(),
        },
    )
    access_record(action="update", record_type="assessment.extraction_definition", record_id=str(saved.pk))
    return saved


@transaction.atomic
def definition_remove(definition_id: int, *, actor: Staff) -> None:
    """Take one's own definition away. Raises ExtractionRefused for another's."""
    count, _ = ExtractionDefinition.objects.filter(pk=definition_id, owner_no=actor.staff_no).delete()
    if not count:
        raise ExtractionRefused("削除できるのは自分の定義だけです。", field="definition")
    access_record(action="delete", record_type="assessment.extraction_definition", record_id=str(definition_id))


def definition_open(definition_id: int, *, actor: Staff) -> ExtractionDefinition | None:
    """A definition that the officer may use."""
    return definitions_of(actor).filter(pk=definition_id).first()
