"""A what-if of a decided year, from the decisions to the answer: exact, on record, and no register touched."""

import io
from datetime import date

import numpy as np
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from assessment.models import AssessmentRun, ResidentFacts, RunState
from assessment.permissions import WHAT_IF
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import compute, resident_law
from assessment.resident.what_if import store
from assessment.resident.what_if.answer import AnswerRefused
from assessment.resident.what_if.base import packed
from assessment.resident.what_if.edits import EditsRefused
from assessment.resident.what_if.services import base_current, what_if
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.jobs.services import job_request, job_run_inline
from taxsys.platform.staff.models import Staff
from tests.assessment.what_if.conftest import PEOPLE
from tests.platform.actors import officer

CITY_RAISE = {"resident.per_capita.city": "3500"}


def asked(texts: dict[str, str], law_year: int = 2026):  # type: ignore[no-untyped-def]
    return what_if(tax_year=2026, law_year=law_year, texts=texts)


def stored_facts() -> dict[str, np.ndarray]:
    rows = list(ResidentFacts.objects.filter(run__state=RunState.RELEASED))
    return RESIDENT_FACTS.batch({c.name: [int(getattr(row, c.name)) for row in rows] for c in RESIDENT_FACTS})


def fingerprints() -> dict[str, str]:
    """A hash of each table's content, but of the access log and what seals it."""
    told = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        for (table,) in cursor.fetchall():
            if not table.startswith(("audit_", "django_session", "sittings_")):
                cursor.execute(f"SELECT md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')) FROM {table} t")
                told[table] = cursor.fetchone()[0]
    return told


@pytest.mark.usefixtures("decided_people", "on_record")
def test_the_answer_is_the_sum_of_each_persons_difference_to_the_yen() -> None:
    law = resident_law(2026, settings.TAXSYS_MUNICIPALITY_CODE)
    facts = stored_facts()
    before = compute(facts, law).columns["annual_tax_yen"]
    after = compute(facts, law.overlay({"resident.per_capita.city": 3_500})).columns["annual_tax_yen"]
    answer = asked(CITY_RAISE)
    total = answer.shown.total
    assert answer.base.rows == PEOPLE
    assert (total.before_yen, total.after_yen) == (int(before.sum()), int(after.sum()))
    assert total.up_people == int((after > before).sum())
    assert total.change_yen == total.up_yen == int((after - before).sum()) == 500 * total.up_people
    assert [after - before for _, before, after in answer.shown.receivers] == [total.change_yen, 0, 0]
    assert (answer.base.head.decided_yen, answer.base.head.differing) == (int(before.sum()), 0)


@pytest.mark.usefixtures("decided_people", "on_record")
def test_people_stand_in_the_household_and_the_district_of_new_years_day() -> None:
    by_key = {one.key: one for one in asked(CITY_RAISE).shown.breakdowns}
    assert [(line.label, line.people, line.up_people) for line in by_key["household"].lines] == [
        ("2人", PEOPLE, PEOPLE)
    ]
    assert [(line.label, line.people) for line in by_key["district"].lines] == [("大町", 13), ("旭町", 13)]
    assert sum(line.change_yen or 0 for line in by_key["district"].lines) == 500 * PEOPLE
    ages = by_key["age"].lines
    assert {line.people for line in ages} == {None}  # ten years hold five people each: all hidden


@pytest.mark.usefixtures("decided_people", "on_record")
def test_no_register_is_changed_and_every_edited_value_is_an_event() -> None:
    before = fingerprints()
    asked({**CITY_RAISE, "resident.rate.city": "7%"})
    assert fingerprints() == before
    events = AccessEvent.objects.filter(record_type="what_if").order_by("pk")
    assert [(one.record_id, one.actor_id, one.tax_year, one.result, one.count) for one in events] == [
        ("resident.per_capita.city=3500", "3003", 2026, "ok", PEOPLE),
        ("resident.rate.city=7%", "3003", 2026, "ok", PEOPLE),
    ]
    assert all(one.subjects == [] for one in events)


@pytest.mark.usefixtures("decided_people", "on_record")
def test_what_is_kept_is_encrypted_and_names_nobody() -> None:
    asked(CITY_RAISE)
    files = [path for path in (settings.TAXSYS_DATA_DIR / "what-if").rglob("*") if path.is_file()]
    assert len(files) == 2
    parties = [one.bytes for one in ResidentFacts.objects.values_list("party_id", flat=True)]
    for path in files:
        content = path.read_bytes()
        assert content.startswith(b"TXF1")
        assert b"salary_receipts_yen" not in content
    base, _ = base_current(2026)
    assert not any(party in packed(base) for party in parties)


@pytest.mark.usefixtures("decided_people", "on_record")
def test_a_bad_value_or_none_computes_nothing_and_is_on_record() -> None:
    with pytest.raises(EditsRefused, match="負の値"):
        asked({"resident.per_capita.city": "-500"})
    with pytest.raises(EditsRefused, match="変えた値がありません"):
        asked({"resident.per_capita.city": "3000"})
    with pytest.raises(AnswerRefused, match="2031 の計算は用意されていません"):
        asked(CITY_RAISE, law_year=2031)
    assert list(AccessEvent.objects.order_by("pk").values_list("record_id", "result", "reason")) == [
        ("resident.per_capita.city", "failed", "value"), ("edits", "failed", "value"), ("law=2031", "failed", "year"),
    ]  # fmt: skip
    assert not (settings.TAXSYS_DATA_DIR / "what-if").exists()


@pytest.mark.usefixtures("decided_people", "on_record")
def test_the_rules_of_another_year_are_a_variant_of_their_own() -> None:
    answer = asked({}, law_year=2025)
    facts = stored_facts()
    now = compute(facts, resident_law(2025, settings.TAXSYS_MUNICIPALITY_CODE)).columns["annual_tax_yen"]
    assert answer.shown.total.after_yen == int(now.sum())
    assert AccessEvent.objects.get(record_type="what_if").record_id == "law=2025"


@pytest.mark.usefixtures("decided_people", "on_record")
def test_an_answer_that_tells_of_a_few_people_is_refused_alone_and_beside_an_earlier_one() -> None:
    # Only the highest paid few are above this line.
    few = {"resident.deduction.basic_table": "to,amount\n1400000,430000\n,0\n"}
    with pytest.raises(AnswerRefused, match="10人未満"):
        asked(few)
    asked(CITY_RAISE)
    with pytest.raises(AnswerRefused, match="二つの試算を比べると"):
        asked({**CITY_RAISE, **few})
    refused = AccessEvent.objects.filter(result="denied")
    assert set(refused.values_list("reason", flat=True)) == {"few"}


@pytest.mark.usefixtures("decided_people", "on_record")
def test_the_base_stays_while_few_decisions_change_and_is_made_anew_for_many() -> None:
    first, _ = base_current(2026)
    run = AssessmentRun.objects.get()
    again, is_behind = base_current(2026)
    assert again is first
    assert not is_behind
    AssessmentRun.objects.filter(pk=run.pk).update(state=RunState.RECALLED)
    with pytest.raises(AnswerRefused, match="決定がない"):
        base_current(2026)


@pytest.mark.usefixtures("decided_people")
def test_the_job_makes_the_base_ready_before_anybody_asks() -> None:
    planner = officer("3003", permissions=[WHAT_IF], unit_name="税制課")
    run = job_request("B-PI-40", {"tax_year": 2026}, actor=planner, business_on=date(2026, 11, 20))
    job_run_inline(run.pk, actor=planner, raise_errors=True)
    run.refresh_from_db()
    assert run.state == "finished"
    base = store.base_stored(2026)
    assert base is not None
    assert (base.rows, base.head.built_on) == (PEOPLE, "2026-11-20")


@pytest.mark.usefixtures("decided_people", "on_record")
def test_a_base_that_was_tampered_with_is_made_anew() -> None:
    asked(CITY_RAISE)
    (path,) = (settings.TAXSYS_DATA_DIR / "what-if" / "2026").glob("*/base.*.bin")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    store.forget()
    assert asked({"resident.rate.city": "7%"}).base.rows == PEOPLE


@pytest.mark.usefixtures("decided_people")
def test_the_command_answers_the_planner_and_nobody_else(monkeypatch: pytest.MonkeyPatch, planner: object) -> None:
    for number in ("3003", "1001"):
        staff = Staff.objects.filter(staff_no=number).first() or Staff.objects.get(staff_no="3003")
        staff.set_password("Harunire-no-machi-2026")
        staff.save()
    monkeypatch.setattr("sys.stdin", io.StringIO("Harunire-no-machi-2026\n"))
    out = io.StringIO()
    call_command(
        "what_if", "resident-tax", "--year=2026", "--as=3003", "--password-stdin",
        "--set=resident.per_capita.city=3500", stdout=out,
    )  # fmt: skip
    assert f"対象 {PEOPLE}人" in out.getvalue()
    assert "市民税均等割額(resident.per_capita.city): 3,000円 → 3,500円" in out.getvalue()
    monkeypatch.setattr("sys.stdin", io.StringIO("wrong\n"))
    with pytest.raises(CommandError, match="職員番号またはパスワード"):
        call_command("what_if", "resident-tax", "--year=2026", "--as=3003", "--password-stdin")
