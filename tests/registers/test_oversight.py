"""点検・監査・研修: the yearly self-check made from the measures, trainings of accounts, the manager's warning."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from taxsys.platform import clock
from taxsys.platform.jobs.services import job_request, job_run_inline
from taxsys.platform.registers.errors import ValueRefused
from taxsys.platform.registers.home import untrained_count
from taxsys.platform.registers.kinds.oversight import self_check_items
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.registers.services import row_edit, row_step
from taxsys.platform.rights.appointments import appointment_give
from taxsys.platform.staff.models import Staff
from tests.platform.actors import officer, sign_in
from tests.registers.scene import DAY, all_yes, approved, attached, clerk, opened, stepped
from tests.registers.test_vendors import refused

pytestmark = pytest.mark.django_db


def yearly_run(year: int) -> None:
    operator = officer("9901", permissions=["registers.run"])
    run = job_request("B-RG-02", {"fiscal_year": year}, actor=operator, business_on=DAY)
    job_run_inline(run.pk, actor=operator, raise_errors=True)


@pytest.mark.req("R-279")
def test_the_self_check_is_opened_once_a_year_with_a_question_for_each_measure() -> None:
    for year in (2026, 2026, 2027):
        yearly_run(year)
    rows = list(RegisterRow.objects.filter(kind="self_check").order_by("row_no"))
    assert [(row.title, row.unit.name) for row in rows] == [
        ("令和8年度　自己点検", "税制課"),
        ("令和9年度　自己点検", "税制課"),
    ]
    assert rows[0].tasks.get().due_on == date(2027, 3, 31)
    codes = [item.code for item in self_check_items()]
    assert (len(codes), len(set(codes))) == (79, 79)
    for wanted in ("R-164", "R-207", "R-213", "R-230", "R-257", "R-285"):
        assert wanted in codes


@pytest.mark.req("R-279")
def test_the_answers_are_stored_and_a_no_needs_its_plan_and_its_improvement() -> None:
    actor, second = clerk("5001", "税制課"), clerk("5002", "税制課")
    yearly_run(2026)
    row = RegisterRow.objects.get(kind="self_check")
    answers = {**all_yes(self_check_items), "R-184": "no"}
    partly = {code: answer for code, answer in answers.items() if code != "R-285"}
    given = {"title": row.title, "checked_on": "2026-11-20", "checker_no": "5001"}
    row = row_edit(row.pk, {**given, "answers": partly}, actor=actor)
    assert refused(row, "confirm", actor) == (
        "「点検の項目」に未回答の項目があります（システムの重要な変更の前に、評価をしているか）。",
        "「「否」の項目の改善計画」を入力してください。",
        "「改善の期限」を入力してください。",
    )
    plan = {"plan": "年度内に実施", "plan_due_on": "2027-02-26"}
    row = row_edit(row.pk, {**given, "answers": answers, **plan}, actor=actor)
    row = approved(row, "confirm", actor, second)
    assert row.values["answers"]["R-184"] == "no"
    assert refused(row, "close", actor) == ("「改善を終えた日」を入力してください。",)
    assert stepped(row, "close", actor, improved_on="2027-02-20").is_closed


@pytest.mark.req("R-279")
def test_the_self_check_is_answered_on_the_screen(client: Client) -> None:
    actor = clerk("5001", "税制課")
    yearly_run(2026)
    row = RegisterRow.objects.get(kind="self_check")
    page = sign_in(client, actor).get(f"/registers/row/{row.pk}/edit")
    assert "個人番号の要らない画面に個人番号を表示していないか" in page.content.decode()
    form = {"title": row.title, "unit": "101", "answers__R-174": "yes", "subject_token": page.context["token"]}
    assert client.post(f"/registers/row/{row.pk}/edit", form).status_code == 302
    row.refresh_from_db()
    assert row.values["answers"] == {"R-174": "yes"}


@pytest.mark.req("R-281")
def test_a_training_with_its_penalties_is_noted_for_every_attendee() -> None:
    actor = clerk()
    for number in ("6101", "6102"):
        officer(number, trained_on=date(2025, 4, 1))
    given = {"title": "個人番号の取扱い", "held_on": "2026-11-18", "content": "守秘義務", "tells_penalties": False,
             "attendees": "6101、6102\n6101"}  # fmt: skip
    with pytest.raises(ValueRefused, match="登録のない職員番号があります（6999）"):
        opened("training", actor, **{**given, "attendees": "6101 6999"})
    row = opened("training", actor, **given)
    assert refused(row, "close", actor) == (
        "「出席簿・受講の記録」を添付してください。",
        "罰則を含まない研修は、年1回の研修として記録できません。",
    )
    attached(row, actor, "roster")
    row_edit(row.pk, {**given, "tells_penalties": True}, actor=actor)
    stepped(row, "close", actor)
    assert list(Staff.objects.filter(staff_no__in=("6101", "6102")).values_list("trained_on", flat=True)) == [
        date(2026, 11, 18),
        date(2026, 11, 18),
    ]


@pytest.mark.req("R-281")
def test_the_head_of_a_unit_is_warned_of_the_untrained_and_sees_who_they_are(client: Client) -> None:
    head = officer("5101", permissions=["staff.home", "rights.people", "registers.view"])
    appointment_give(head, duty="unit_head", scope="102", from_on=date(2026, 4, 1))
    untrained = officer("6101", trained_on=date(2025, 11, 20), acknowledged_on=date(2026, 4, 1))
    officer("6102", trained_on=date(2025, 11, 21))
    officer("6103", unit_name="資産税課", trained_on=None)
    assert untrained_count(head) == 1
    home = sign_in(client, head).get("/").content.decode()
    assert "研修を受けていない利用者" in home
    assert untrained.name in client.get("/rights/people").content.decode()
    with clock.at(DAY):
        untrained.trained_on = DAY
        untrained.save()
    assert untrained_count(head) == 0


def test_a_step_to_come_is_not_done_by_a_stranger_to_the_unit() -> None:
    from taxsys.platform.registers.errors import NotYours

    row = opened("training", clerk("5001"), title="研修", held_on="2026-11-18", content="守秘", tells_penalties=True,
                 attendees="5001")  # fmt: skip
    with pytest.raises(NotYours):
        row_step(row.pk, "close", dict[str, Any](), actor=clerk("6001", "資産税課"))
