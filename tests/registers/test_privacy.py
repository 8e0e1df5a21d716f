"""個人情報の台帳: timers of incidents, requests of people with their limits and fees, the inquiry desk, figures."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from addressbook.models import Party
from taxsys.platform import clock
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.registers.errors import ValueRefused
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.registers.registry import kind_get
from taxsys.platform.registers.selectors import figures
from taxsys.platform.registers.services import row_edit
from taxsys.platform.staff.models import Staff
from tests.platform.actors import sign_in
from tests.registers.scene import approved, attached, clerk, opened, stepped
from tests.registers.test_vendors import refused

pytestmark = pytest.mark.django_db


def incident(actor: Staff, day: date = date(2026, 11, 20), **values: Any) -> RegisterRow:
    given = {"title": "通知書の誤送付", "category": "mail", "known_on": "2026-11-20", "report_class": "none",
             "persons": 1, "is_protected_data": False, "is_recovered": False, "responsible": "city",
             "summary": "別人に送付", **values}  # fmt: skip
    return opened("incident", actor, day=day, **given)


def limits(row: RegisterRow) -> dict[str, date]:
    return {task.code: task.due_on for task in row.tasks.all()}


@pytest.mark.req("R-275")
@pytest.mark.parametrize(
    ("known_on", "values", "expected"),
    [
        # Friday 20 November is day 1: day 5 is Tuesday 24; day 30 is Saturday 19 December, so Monday 21.
        ("2026-11-20", {"report_class": "system"}, {"preliminary": date(2026, 11, 24), "final": date(2026, 12, 21)}),
        # Day 60 is Monday 18 January.
        ("2026-11-20", {"report_class": "malicious"}, {"preliminary": date(2026, 11, 24), "final": date(2027, 1, 18)}),
        # Day 5 of 26 December is 30 December, day 30 is 24 January, a Sunday; both offices are closed.
        ("2026-12-26", {"persons": 101}, {"preliminary": date(2027, 1, 4), "final": date(2027, 1, 25)}),
        ("2026-11-20", {"persons": 100}, {}),
        ("2026-11-20", {"report_class": "public", "is_recovered": True}, {}),
        ("2026-11-20", {"report_class": "system", "is_protected_data": True}, {}),
    ],
)
def test_the_timers_of_an_incident_count_the_day_of_knowing_and_roll_over_closed_days(
    known_on: str, values: dict[str, Any], expected: dict[str, date]
) -> None:
    row = incident(clerk(), known_on=known_on, **values)
    assert limits(row) == expected
    assert row.values["seriousness"] == ("major" if expected else "minor")


@pytest.mark.req("R-275")
def test_an_incident_that_grows_past_a_hundred_people_counts_from_that_day() -> None:
    actor = clerk()
    row = incident(actor, persons=80)
    assert limits(row) == {}
    with clock.at(date(2026, 12, 1)):
        row = row_edit(row.pk, {**row.values, "persons": 130}, actor=actor)
    assert (row.values["reportable_on"], limits(row)) == (
        "2026-12-01",
        {"preliminary": date(2026, 12, 7), "final": date(2027, 1, 4)},
    )
    with clock.at(date(2026, 12, 9)):
        row = row_edit(row.pk, {**row.values, "persons": 150}, actor=actor)
    assert row.values["reportable_on"] == "2026-12-01"


@pytest.mark.req("R-275")
@pytest.mark.req("R-282")
def test_a_reportable_incident_closes_only_after_both_reports_with_a_responsible_party() -> None:
    actor, second = clerk("5001"), clerk("5002")
    with pytest.raises(ValueRefused, match="責任のある委託先"):
        incident(actor, responsible="vendor")
    row = incident(actor, report_class="system", responsible="unknown")
    assert refused(row, "close", actor) == (
        "報告対象の事故は、確報を済ませるまで完了できません。",
        "「原因」を入力してください。",
        "「再発防止の措置」を入力してください。",
        "「本人に通知した日」を入力してください。",
        "対応の責任者が「調査中」のままです。",
    )
    row = approved(row, "report_preliminary", actor, second, preliminary_on="2026-11-20")
    nine = refused(row, "report_final", actor, final_on="2026-12-10")
    assert nine == (
        "報告する9項目のうち、入力のないものがあります（漏えい等した項目、原因、二次被害の有無・内容、本人への対応、公表の状況、再発防止の措置、その他参考となる事項）。",
    )
    texts = dict.fromkeys(
        ("data_items", "cause", "secondary", "person_response", "publication", "prevention", "other_notes"), "記載"
    )
    row = row_edit(row.pk, {**row.values, **texts, "responsible": "city", "notified_on": "2026-11-21"}, actor=actor)
    row = approved(row, "report_final", actor, second, final_on="2026-12-10")
    assert {task.code: task.done_on for task in row.tasks.all()} == {
        "preliminary": date(2026, 11, 20),
        "final": date(2026, 12, 10),
    }
    assert stepped(row, "close", actor).is_closed


@pytest.mark.req("R-276")
def test_the_incidents_of_three_years_are_counted_by_weight_and_kind(client: Client) -> None:
    actor = clerk()
    for day, values in (
        (date(2024, 3, 31), {}),
        (date(2024, 4, 1), {"report_class": "system"}),
        (date(2025, 8, 1), {}),
        (date(2026, 5, 1), {"report_class": "malicious", "category": "misuse"}),
        (date(2026, 11, 20), {}),
    ):
        incident(actor, day=day, known_on=day.isoformat(), **values)
    table = figures(kind_get("incident"), "seriousness", years=(2024, 2025, 2026))
    assert table == [("重大（報告対象）", [1, 0, 1], 2), ("報告対象でない", [0, 1, 1], 2)]
    page = sign_in(client, actor).get("/registers/kind/incident/statistics").content.decode()
    for words in ("令和6年度", "令和8年度", "重大（報告対象）", "目的外の利用・閲覧"):
        assert words in page


@pytest.fixture
def party() -> Party:
    return Party.objects.create(
        person_no="000000000012345", kind="resident", name="旭川　花子", name_kana="ｱｻﾋｶﾜ ﾊﾅｺ", recorded_at=clock.now()
    )


def request_row(actor: Staff, party: Party, **values: Any) -> RegisterRow:
    given = {"request_kind": "disclose", "party": str(party.pk), "applicant": "self", "identity": "運転免許証",
             "received_on": "2026-11-02", "subject_matter": "課税の記録", **values}  # fmt: skip
    return opened("rights_request", actor, **given)


@pytest.mark.req("R-283")
def test_a_request_is_decided_in_thirty_days_longer_only_by_a_timely_notice_and_a_second_person(party: Party) -> None:
    actor, second = clerk("5001"), clerk("5002")
    row = request_row(actor, party)
    assert limits(row) == {"decide": date(2026, 12, 2)}
    assert limits(request_row(actor, party, correction_days=5)) == {"decide": date(2026, 12, 7)}
    late = refused(row, "extend", actor, extended_on="2026-12-03", extension_reason="大量")
    assert late == ("延長の通知は、もとの期限までにしなければなりません。",)
    row = approved(row, "extend", actor, second, extended_on="2026-11-30", extension_reason="大量の記録")
    assert limits(row) == {"decide": date(2027, 1, 4)}  # 1 January is closed until the 3rd
    assert row.subjects == [str(party.pk)]


@pytest.mark.req("R-283")
def test_a_request_is_free_and_copies_cost_ten_yen_a_sheet(party: Party) -> None:
    actor, second = clerk("5001"), clerk("5002")
    row = request_row(actor, party)
    assert refused(row, "decide", actor, decision="part", decided_on="2026-11-20") == (
        "「請求書」を添付してください。",
        "「認めない部分と理由」を入力してください。",
    )
    attached(row, actor, "form", "notice")
    row = approved(row, "decide", actor, second, decision="full", decided_on="2026-11-20")
    assert refused(row, "close", actor, notified_on="2026-11-20", delivery="copy", delivered_on="2026-11-25") == (
        "「写しの枚数」を入力してください。",
    )
    row = stepped(row, "close", actor, notified_on="2026-11-20", delivery="copy", sheets=37, delivered_on="2026-11-25")
    assert row.values["fee_yen"] == 370
    other = request_row(actor, party)
    attached(other, actor, "form", "notice")
    other = approved(other, "decide", actor, second, decision="full", decided_on="2026-11-20")
    other = stepped(other, "close", actor, notified_on="2026-11-20", delivery="view", sheets=37,
                    delivered_on="2026-11-25")  # fmt: skip
    assert "fee_yen" not in other.values


@pytest.mark.req("R-283")
def test_a_request_names_its_person_by_number_and_every_look_at_it_is_recorded(client: Client, party: Party) -> None:
    actor = clerk()
    sign_in(client, actor)
    form = {"request_kind": "disclose", "party": "000000000099999", "applicant": "agent", "identity": "免許証",
            "received_on": "R8.11.2", "subject_matter": "収納の記録", "unit": "102"}  # fmt: skip
    page = client.post("/registers/kind/rights_request/new", form)
    assert page.status_code == 422
    assert "この宛名は見つかりません" in page.content.decode()
    page = client.post("/registers/kind/rights_request/new", {**form, "party": party.person_no})
    assert "代理人の氏名を入力してください" in page.content.decode()
    client.post("/registers/kind/rights_request/new", {**form, "party": party.person_no, "agent_name": "代理　太郎"})
    row = RegisterRow.objects.get()
    shown = client.get(f"/registers/row/{row.pk}").content.decode()
    assert f"宛名番号 {party.person_no}" in shown
    assert "旭川　花子" not in shown
    seen = AccessEvent.objects.filter(subjects__contains=[str(party.pk)], record_type="register.rights_request")
    assert set(seen.values_list("action", flat=True)) == {"create", "view"}


@pytest.mark.req("R-284")
def test_an_inquiry_is_entered_with_its_limit_and_closed_by_its_answer() -> None:
    actor = clerk()
    row = opened("inquiry", actor, title="番号の使い道", received_on="2026-11-20", route="phone", topic="handling",
                 content="何に使うのか")  # fmt: skip
    assert limits(row) == {"answer": date(2026, 11, 30)}  # 23 November is a holiday
    assert refused(row, "close", actor, answered_on="2026-11-20") == ("「回答」を入力してください。",)
    row = stepped(row, "close", actor, answer="法定の事務だけに使う", answered_on="2026-11-20")
    assert (row.is_closed, row.keep_until_on) == (True, date(2032, 3, 31))
