"""Pensioners of a decided year: lines of the payers, stops, runs let go."""

from datetime import date
from typing import Any
from uuid import UUID

from addressbook.models import Party
from assessment.models import Withholder
from assessment.pensions.models import PensionStop
from assessment.pensions.services import StopDraft, pension_stop_record
from collection.models import Charge
from eltax_bridge.services.pension_events import EventCounts, pension_events_import
from taxsys.city.deliveries import city_file
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.services import file_receive
from taxsys.platform.jobs.intake import file_open
from tests.assessment.moves.scene import YEAR, books
from tests.assessment.runs.test_initial_runs import on

BEFORE_OCTOBER = date(2026, 9, 1)
NOVEMBER = date(2026, 11, 10)


def pensioner(nth: int = 0) -> Party:
    """Somebody from whose pension three months are withheld, every one of them with an amount."""
    rows = Charge.objects.filter(method="pension", tax_year=YEAR, instalment_no=6, amount_yen__gt=0)
    return rows.select_related("party").order_by("party__person_no")[nth].party


def months(party: UUID) -> dict[int, int]:
    """What stands to be withheld from the pension, by place."""
    return next((places for (method, _), places in books(party).items() if method == "pension"), {})


def billed(party: UUID) -> int:
    """What stands billed, yen."""
    return sum(sum(places.values()) for (method, _), places in books(party).items() if method == "ordinary")


def stop(party: UUID, first_place: int, *, day: date, reason: str = "moved") -> PensionStop:
    with on(day):
        draft = StopDraft(party_id=party, tax_year=YEAR, reason=reason, event_on=day, first_place=first_place)
        return pension_stop_record(draft, actor_id="1001")


def agent() -> Withholder:
    return Withholder.objects.order_by("designation_no")[0]


def event(party: Party, notice: str, **changes: Any) -> dict[str, Any]:
    """A decoded line of a payer."""
    values = {
        "notice": notice, "collector": "001", "tax_year": YEAR, "basic_pension_no": "1234567890",
        "pension_code": "1150", "person_no": party.person_no, "kana": "", "name": party.name, "birth": party.birth_on,
        "sex": party.sex, "source_file": "Z0A.txt", "source_seq": 1,
    }  # fmt: skip
    return {**values, **changes}


def receive(*lines: dict[str, Any], day: date, name: str = "nenkin") -> ReceivedFile:
    file = city_file(name, "local_nenkin_tokucho_events", lines, "地方税共同機構", day, channel="line")
    received = file_receive(
        name=file.name, content=file.content, format=f"{file.format}/{file.edition}", sender=file.sender,
        channel=file.channel, manifest=file.manifest,
    )  # fmt: skip
    file_open(received)
    return received


def take(*lines: dict[str, Any], day: date, name: str = "nenkin") -> EventCounts:
    with on(day):
        received = receive(*lines, day=day, name=name)
        return pension_events_import(received, 0, len(lines))
