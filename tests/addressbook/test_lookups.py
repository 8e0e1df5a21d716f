"""Who looked at me: what the person may be told, what not, and that an opponent gets nothing (N17)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from addressbook.models import Party
from addressbook.papers.lookup_list import WITHHELD_JA
from addressbook.permissions import DISCLOSE_LOG, VIEW_PARTY
from addressbook.selectors.lookups import NAME, TITLE, UNIT, LookupLine, Lookups, lookups_of
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.staff.models import Staff
from tests.addressbook.people import TODAY, person, protect
from tests.platform.actors import officer, sign_in
from tests.platform.papers import pdf_text

pytestmark = [pytest.mark.django_db, pytest.mark.req("R-229")]
FRIDAY = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
NOVEMBER = {"from_on": date(2026, 11, 1), "to_on": date(2026, 11, 30)}


@pytest.fixture(autouse=True)
def _day(settings: Any) -> Any:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()
    with time_machine.travel(FRIDAY, tick=False):
        yield


def event(
    party: Party, actor: str = "5001", *, at: datetime = FRIDAY, others: tuple[Party, ...] = (), **fields: Any
) -> None:
    values: dict[str, Any] = {
        "actor_kind": "staff", "unit_code": "102", "action": "view", "function_id": VIEW_PARTY.code, **fields,
    }  # fmt: skip
    subjects = [str(one.pk) for one in (party, *others)]
    AccessEvent.objects.create(actor_id=actor, occurred_at=at, subjects=subjects, **values)


def told(party: Party, **options: Any) -> Lookups:
    return lookups_of(party, **NOVEMBER, **options)


def test_equal_acts_of_a_day_are_one_line_with_the_purpose_and_no_other_person() -> None:
    officer("5001")
    me, neighbour = person(1), person(2)
    event(me, purpose="課税資料の確認")
    event(me, purpose="課税資料の確認", at=FRIDAY + timedelta(hours=1), others=(neighbour,), count=2)
    event(me, actor="B-PI-13#4", actor_kind="job", function_id="B-PI-13", unit_code="", legal_base="番号法9条1項")
    event(neighbour)
    job = told(me).lines[1] if told(me).lines[0].count == 2 else told(me).lines[0]
    assert told(me).told == 3
    assert LookupLine(TODAY, FRIDAY, "市民税課", "宛名の照会", "閲覧", "課税資料の確認", 2) in told(me).lines
    assert (job.who_ja, job.purpose_ja, job.count) == ("電算処理", "番号法9条1項", 1)


@pytest.mark.parametrize(
    ("level", "shown"), [(UNIT, "市民税課"), (TITLE, "市民税課　主事"), (NAME, "市民税課　主事　閲覧　太郎")]
)
def test_the_city_chooses_how_near_it_names_the_officer(level: str, shown: str) -> None:
    officer("5001", name="閲覧　太郎", title="主事")
    me = person(1)
    event(me)
    assert told(me, level=level).lines[0].who_ja == shown


def test_contractors_are_named_as_such_and_neighbours_systems_as_linked_systems() -> None:
    officer("9001", kind=Staff.Kind.CONTRACTOR)
    me = person(1)
    event(me, actor="9001")
    event(me, actor="kokuho", actor_kind="client", action="provide")
    assert {line.who_ja for line in told(me).lines} == {"委託先", "庁内連携システム"}


def test_refused_attempts_and_other_periods_are_not_in_the_list() -> None:
    me = person(1)
    event(me, action="denied", result="denied")
    event(me, at=datetime(2026, 10, 31, 14, 59, tzinfo=UTC))
    event(me, at=datetime(2026, 11, 30, 15, 0, tzinfo=UTC))
    assert told(me) == Lookups([], 0, 0)


def test_what_was_opened_under_a_merged_party_belongs_to_the_survivor() -> None:
    me, former = person(1), person(2)
    Party.objects.filter(pk=former.pk).update(merged_into=me)
    event(former)
    assert told(me).told == 1


def test_inspections_are_withheld_from_everybody() -> None:
    me = person(1)
    event(me, function_id="audit.view_log", action="search")
    event(me, function_id="B-AU-01", actor_kind="job")
    event(me, record_type="watched_party", action="create")
    assert told(me) == Lookups([], 0, 3)


def test_an_opponent_does_not_learn_that_a_protection_exists_but_the_protected_may() -> None:
    hidden, opponent = person(1), person(2, name="相手　次郎")
    protect(hidden, opponent_party=opponent)
    event(hidden, others=(opponent,), function_id="B-AB-02", actor_kind="job", record_type="protection")
    event(opponent, function_id="addressbook.reveal_protected")
    assert told(opponent) == Lookups([], 0, 2)
    assert told(hidden, is_protected=True).told == 1


def test_the_branch_office_of_a_protected_person_is_not_named() -> None:
    officer("5001")
    me = person(1)
    event(me, unit_code="203")
    assert told(me).lines[0].who_ja == "永山支所"
    assert told(me, is_protected=True).lines[0].who_ja == "支所・センター"


def asked(client: Client, party: Party, **fields: str) -> Any:
    values = {"applicant": "self", "from_on": "R8.11.1", "to_on": "R8.11.30", "level": "unit", **fields}
    return client.post(f"/party/{party.pk}/lookups", values)


@pytest.fixture
def auditor(client: Client) -> Client:
    return sign_in(client, officer("3001", permissions=[VIEW_PARTY, DISCLOSE_LOG], unit_name="税制課"))


def test_the_page_shows_the_list_and_making_it_is_an_event(auditor: Client) -> None:
    officer("5001")
    me = person(1)
    event(me)
    answer = asked(auditor, me)
    assert answer.status_code == 200
    assert "市民税課" in answer.content.decode()
    made = AccessEvent.objects.get(record_type="access_disclosure")
    assert (made.action, made.subjects, made.reason) == ("view", [str(me.pk)], "self")


def test_the_paper_carries_no_address_and_always_the_same_sentence(auditor: Client) -> None:
    officer("5001")
    me = person(1, name="旭川　太郎", address_text="北海道旭川市錦町5番6号")
    protect(me)
    event(me)
    text = pdf_text(asked(auditor, me, paper="1").content)
    flat = "".join(text.split())
    assert "旭川太郎" in flat
    assert WITHHELD_JA in flat
    assert "錦町" not in flat
    assert AccessEvent.objects.get(record_type="access_disclosure").action == "print"


def test_an_agent_who_bears_the_name_of_an_opponent_gets_nothing(auditor: Client) -> None:
    me, opponent = person(1), person(2, name="相手　次郎")
    protect(me, opponent_party=opponent)
    event(me)
    answer = asked(auditor, me, applicant="agent", applicant_name="相手次郎")
    assert answer.status_code == 403
    assert not AccessEvent.objects.filter(record_type="access_disclosure").exists()
    assert asked(auditor, me, applicant="agent", applicant_name="弁護　花子").status_code == 200


def test_an_agent_without_a_name_and_a_period_that_runs_backwards_are_refused(auditor: Client) -> None:
    me = person(1)
    page = asked(auditor, me, applicant="agent").content.decode()
    assert "代理人の氏名を入力してください。" in page
    backwards = asked(auditor, me, from_on="R8.12.1", to_on="R8.11.1")
    assert backwards.status_code == 422
    assert "期間の終りは、始め以後の日を入力してください。" in backwards.content.decode()
