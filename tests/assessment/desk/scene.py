"""One person of the assessment desk, from the paper to the decision, without a whole city."""

from datetime import date
from typing import Any

from addressbook.models import Party
from assessment.models import AssessmentRun, RunKind, SourceDocument, TaxablePopulation, Withholder
from assessment.resident import runs
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.services import file_receive
from tests.addressbook.people import person
from tests.assessment.runs.test_initial_runs import CITY_CODE, on, release

YEAR = 2026
# F04-chofu-r8: the published worked example of an ordinary city.
CHOFU = {"wage_yen": 6_543_200, "social_insurance_yen": 1_668_200}


def resident(no: int, **fields: Any) -> Party:
    """A resident who is taxable here on 1 January."""
    party = person(no, **fields)
    TaxablePopulation.objects.create(tax_year=YEAR, party=party, birth_on=party.birth_on)
    return party


def paper_file(name: str = "kyuho.csv") -> ReceivedFile:
    """A received file of pay reports."""
    with on(date(YEAR, 1, 20)):
        return file_receive(
            name=name, content=name.encode(), format="kyuho_315/local2025", sender="eLTAX", channel="line"
        )


def withholder(no: int = 900) -> Withholder:
    """An employer."""
    company = person(no, name="株式会社北斗", kana="ホクト", kind="corporation", state="active", household="")
    return Withholder.objects.create(
        designation_no=f"{no:09d}", party=company, name=company.name, valid_from=date(YEAR, 1, 1)
    )


def wage_paper(party: Party | None, line_no: int = 1, **fields: Any) -> SourceDocument:
    """A pay report bound to the party, or to nobody."""
    values = {
        "kind": "wage",
        "tax_year": YEAR,
        "received_file": fields.pop("received_file", None),
        "line_no": line_no,
        "business_key": f"key-{line_no}",
        "arrived_on": date(YEAR, 1, 20),
        "name": "旭川　太郎",
        "name_kana": "アサヒカワ　タロウ",
        "birth_on": date(1980, 5, 5),
        "address": "北海道旭川市四条通八丁目1番3号",
        "items": dict(CHOFU),
        "party": party,
        "match_method": "number" if party else "none",
        "match_evidence": {"agreed": ["my_number"]} if party else {},
        "state": "active" if party else "unmatched",
    }
    return SourceDocument.objects.create(**{**values, **fields})


def computed(kind: str = RunKind.INITIAL_ORDINARY, day: date = date(YEAR, 6, 3)) -> AssessmentRun:
    """Everybody with papers, computed and not decided."""
    with on(day):
        run = runs.run_open(tax_year=YEAR, kind=kind, documents_until=day, requested_by="S-CLERK", city_code=CITY_CODE)
        runs.run_compute_chunk(run, runs.run_population(run), city_code=CITY_CODE)
        runs.run_computed(run)
    return run


def decided(kind: str = RunKind.INITIAL_ORDINARY, day: date = date(YEAR, 6, 3)) -> AssessmentRun:
    """The same, decided."""
    run = computed(kind, day)
    release(run, day)
    run.refresh_from_db()
    return run
