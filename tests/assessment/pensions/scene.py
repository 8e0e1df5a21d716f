"""Pensioners of a decided year: lines of the payers, stops, runs let go."""

from datetime import date
from typing import Any
from uuid import UUID

from addressbook.models import Party
from assessment.models import AssessmentRun, CollectionShare, Decision, RunKind, RunState, Withholder
from assessment.pensions.models import PensionStop
from assessment.pensions.provisional import provisional_compute, provisional_people, provisional_release
from assessment.pensions.provisional_checks import provisional_checks
from assessment.pensions.services import StopDraft, pension_stop_record
from assessment.resident.pension_split import PENSION_KEYS
from assessment.resident.runs import notice_numbers_used
from collection.models import Charge
from eltax_bridge.services.pension_events import EventCounts, pension_events_import
from taxsys.city.deliveries import city_file
from taxsys.platform import clock
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.services import file_receive
from taxsys.platform.jobs.intake import file_open
from tests.assessment.moves.scene import YEAR, books
from tests.assessment.runs.test_initial_runs import CITY_CODE, on, run_through

BEFORE_OCTOBER = date(2026, 9, 1)
APRIL = date(2026, 4, 1)
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


def pension_taxes() -> dict[Party, int]:
    """Whose pension 令和8 would withhold from, with the tax on it (yen), by a computation that is thrown away."""
    run = run_through(RunKind.INITIAL_ORDINARY, date(2026, 6, 1), date(2026, 6, 3))
    shares = CollectionShare.objects.filter(run=run, method="pension").select_related("party")
    found = {one.party: one.pension_tax_yen for one in shares.order_by("party__person_no")}
    AssessmentRun.objects.filter(pk=run.pk).update(state=RunState.DISCARDED)
    return found


def last_year(taxes: dict[Party, int]) -> AssessmentRun:
    """令和7 decided with these taxes on pensions (yen), half of them withheld from October on."""
    run = AssessmentRun.objects.create(
        tax_kind="10", tax_year=YEAR - 1, kind=RunKind.INITIAL_ORDINARY, business_on=date(2025, 6, 5),
        documents_until=date(2025, 6, 1), requested_by="S-CLERK", recorded_at=clock.now(),
    )  # fmt: skip
    for number, (party, yen) in enumerate(taxes.items(), start=1):
        half = yen // 2
        CollectionShare.objects.create(
            run=run, party=party, method="pension", city_yen=half - half * 2 // 5, prefecture_yen=half * 2 // 5,
            forest_yen=0, total_yen=half, due_keys=list(PENSION_KEYS), instalments=[0, 0, 0, half, 0, 0],
            pension_tax_yen=yen,
        )  # fmt: skip
        Decision.objects.create(
            party=party, tax_kind="10", tax_year=YEAR - 1, version=1, cause="initial", decided_on=date(2025, 6, 5),
            run=run, annual_yen=yen, notice_no=f"{YEAR - 1}-10-{number:07d}", released_by="S-CHIEF",
            recorded_at=clock.now(),
        )  # fmt: skip
    AssessmentRun.objects.filter(pk=run.pk).update(state=RunState.RELEASED, released_by="S-CHIEF")
    return run


def provisional(day: date = APRIL) -> dict[str, int]:
    """仮徴収 of 令和8, computed and levied."""
    with on(day):
        people = provisional_people(YEAR, on=day)
        provisional_compute(YEAR, people, job_run_id=1, city_code=CITY_CODE)
        gates = list(provisional_checks(YEAR, on=day, city_code=CITY_CODE))
        assert [one.id for one in gates if not one.ok] == []
        return provisional_release(YEAR, people, first_no=notice_numbers_used(YEAR) + 1, on=day, released_by="S-CHIEF")
