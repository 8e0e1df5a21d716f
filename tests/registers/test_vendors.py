"""委託の台帳: contracts with their clauses, subcontracts, people, yearly audits, and print orders."""

from datetime import date
from typing import Any

import pytest

from taxsys.platform import clock
from taxsys.platform.jobs.services import job_request, job_run_inline
from taxsys.platform.registers.errors import StepRefused, ValueRefused
from taxsys.platform.registers.kinds.vendors import audit_items, clauses
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.registers.services import row_edit, row_step
from taxsys.platform.staff.models import Staff
from tests.platform.actors import officer
from tests.registers.scene import DAY, all_yes, approved, attached, clerk, opened, stepped

pytestmark = pytest.mark.django_db


def vendor(actor: Staff, **values: Any) -> RegisterRow:
    given = {"name": "北海印刷", "certificate": "isms", "certified_until_on": "2027-09-30", **values}
    return opened("vendor", actor, **given)


def contract(actor: Staff, second: Staff, *, is_active: bool = True, **values: Any) -> RegisterRow:
    """A contract of two years, in force unless told otherwise."""
    given = {"title": "納税通知書の印刷", "vendor": str(vendor(actor).pk), "duties": "印刷・封入封緘",
             "from_on": "2026-04-01", "to_on": "2028-03-31", "is_personal": True, "has_numbers": True,
             "clauses": all_yes(clauses), **values}  # fmt: skip
    row = opened("contract", actor, **given)
    attached(row, actor, "contract")
    return approved(row, "activate", actor, second) if is_active else row


def refused(row: RegisterRow, code: str, actor: Staff, **values: Any) -> tuple[str, ...]:
    """The reasons for which a step is refused now."""
    with clock.at(DAY), pytest.raises(StepRefused) as found:
        row_step(row.pk, code, values, actor=actor)
    return found.value.reasons


@pytest.mark.req("R-182")
def test_a_contract_takes_effect_only_with_every_clause_and_the_contract_itself() -> None:
    actor, second = clerk("5001"), clerk("5002")
    given = {"title": "保守", "vendor": str(vendor(actor).pk), "duties": "保守", "from_on": "2026-04-01",
             "to_on": "2027-03-31", "is_personal": True, "has_numbers": False}  # fmt: skip
    row = opened("contract", actor, **given)
    assert refused(row, "activate", actor) == (
        "「契約書の必須事項」に未回答の項目があります（秘密保持義務、事業所からの持出しの禁止、目的外利用・第三者提供の禁止ほか7項目）。",
        "「契約書」を添付してください。",
    )
    attached(row, actor, "contract")
    with clock.at(DAY):
        row_edit(row.pk, {**given, "clauses": {**all_yes(clauses), "subcontract": "no"}}, actor=actor)
    assert refused(row, "activate", actor) == ("「契約書の必須事項」に「否」の項目があります（再委託の制限）。",)
    with clock.at(DAY):
        row_edit(row.pk, {**given, "clauses": {**all_yes(clauses), "subcontract": "na"}}, actor=actor)
    assert approved(row, "activate", actor, second).state == "active"
    titles = [item.title_ja for item in clauses()]
    for word in ("秘密保持", "再委託の制限", "目的外", "複写", "検査", "事故の報告", "返還", "解除・損害賠償"):
        assert any(word in title for title in titles)


@pytest.mark.req("R-183")
def test_a_vendor_without_a_valid_mark_cannot_take_on_a_contract() -> None:
    actor = clerk()
    lapsed = vendor(actor, certified_until_on="2026-11-19")
    row = contract(actor, clerk("5002"), is_active=False, vendor=str(lapsed.pk))
    assert refused(row, "activate", actor)[0].startswith("委託先の認証の有効期限が過ぎています")
    bare = vendor(actor, certificate="none", certified_until_on="")
    row = contract(actor, clerk("5002"), is_active=False, vendor=str(bare.pk))
    assert refused(row, "activate", actor)[0].startswith("委託先の認証がなく、確認方法も記録されていません")
    with pytest.raises(ValueRefused, match="認証の有効期限を入力"):
        vendor(actor, certified_until_on="")


@pytest.mark.req("R-183")
def test_the_mark_is_asked_for_sixty_days_before_it_ends() -> None:
    task = vendor(clerk()).tasks.get()
    assert (task.due_on, task.remind_on) == (date(2027, 9, 30), date(2027, 8, 1))


@pytest.mark.req("R-183")
def test_people_and_pledges_agree_and_are_asked_for_again_after_a_year() -> None:
    actor, second = clerk("5001"), clerk("5002")
    given = {"title": "令和8年度 従業者", "contract": str(contract(actor, second).pk), "received_on": "2026-04-10",
             "people": 12, "pledges": 11, "renewed_on": "2027-04-02"}  # fmt: skip
    row = opened("staff_roll", actor, **given)
    assert row.tasks.get().due_on == date(2027, 4, 10)
    attached(row, actor, "roll", "pledges")
    assert refused(row, "close", actor) == (
        "誓約書の数が従業者の数と合いません。足りない人の誓約書を受け取ってください。",
    )
    with clock.at(DAY):
        row_edit(row.pk, {**given, "pledges": 12}, actor=actor)
    assert stepped(row, "close", actor).is_closed


@pytest.mark.req("R-179")
def test_a_subcontract_is_licensed_by_a_second_person_and_only_under_a_contract_in_force() -> None:
    actor, second = clerk("5001"), clerk("5002")
    dormant = contract(actor, second, is_active=False)
    given = {"subcontractor": str(vendor(actor, name="地元サービス").pk), "scope": "現地対応・問合せ",
             "reason": "近隣の要員", "has_numbers": False, "applied_on": "2026-11-18", "from_on": "2026-12-01",
             "to_on": "2027-03-31"}  # fmt: skip
    row = opened("subcontract", actor, contract=str(dormant.pk), **given)
    assert row.tasks.get().due_on == date(2026, 12, 7)  # ten open days; 23 November is a holiday
    assert refused(row, "license", actor) == (
        "「再委託の申請書」を添付してください。",
        "元の契約が発効していないため、許諾できません。",
    )
    row = opened("subcontract", actor, contract=str(contract(actor, second).pk), **given)
    attached(row, actor, "application")
    row = approved(row, "license", actor, second, conditions="再々委託の禁止")
    assert (row.state, row.values["licensed_on"]) == ("licensed", "2026-11-20")
    assert row.tasks.get().done_on == DAY


@pytest.mark.req("R-184")
def test_each_contract_in_force_with_personal_data_gets_one_audit_a_year() -> None:
    actor, second = clerk("5001"), clerk("5002")
    watched = contract(actor, second)
    contract(actor, second, is_personal=False, has_numbers=False)
    operator = officer("9901", permissions=["registers.run"])
    for year in (2026, 2026, 2027, 2028):
        run = job_request("B-RG-02", {"fiscal_year": year}, actor=operator, business_on=DAY)
        job_run_inline(run.pk, actor=operator, raise_errors=True)
    audits = RegisterRow.objects.filter(kind="contract_audit").order_by("row_no")
    assert [(row.values["contract"], row.values["audit_year"], row.tasks.get().due_on) for row in audits] == [
        (str(watched.pk), "令和8年度", date(2027, 3, 31)),
        (str(watched.pk), "令和9年度", date(2028, 3, 31)),
    ]
    row = audits[0]
    assert (row.unit, row.versions.get().changed_by) == (watched.unit, None)
    assert len(refused(row, "close", actor)) == 4
    with clock.at(DAY):
        row_edit(row.pk, {**row.values, "held_on": "2026-11-20", "method": "visit",
                          "items": {**all_yes(audit_items), "media": "no"}}, actor=actor)  # fmt: skip
    attached(row, actor, "report")
    assert refused(row, "close", actor) == ("「指摘と改善の求め」を入力してください。",)


@pytest.mark.req("R-180")
def test_a_print_order_closes_only_with_its_four_papers_and_equal_counts() -> None:
    actor, second = clerk("5001"), clerk("5002")
    row = opened("print_order", actor, title="令和8年度 納税通知書", contract=str(contract(actor, second).pk),
                 lent_on="2026-06-01", lent_count=1200, return_due_on="2026-06-10", sheets_planned=3600)  # fmt: skip
    back = {"returned_on": "2026-06-09", "returned_count": 1199, "sheets_counted": 3600, "spoiled_sheets": 4}
    assert refused(row, "return_goods", actor, **back) == ("「借用書」を添付してください。",)
    attached(row, actor, "loan")
    row = stepped(row, "return_goods", actor, **back)
    assert refused(row, "close", actor, erased_on="2026-06-15") == (
        "「返却件数表」を添付してください。",
        "「枚数確認表」を添付してください。",
        "「データ消去確認書」を添付してください。",
        "引き渡した件数と返却された件数が合いません。",
    )
    assert {task.code: (task.due_on, task.done_on) for task in row.tasks.all()} == {
        "return": (date(2026, 6, 10), date(2026, 6, 9)),
        "erasure": (date(2026, 6, 23), None),
    }


@pytest.mark.req("R-180")
def test_a_complete_print_order_closes() -> None:
    actor, second = clerk("5001"), clerk("5002")
    row = opened("print_order", actor, title="督促状", contract=str(contract(actor, second).pk), lent_on="2026-11-02",
                 lent_count=300, return_due_on="2026-11-09", sheets_planned=300)  # fmt: skip
    attached(row, actor, "loan", "returned_counts", "sheet_counts", "erasure")
    row = stepped(row, "return_goods", actor, returned_on="2026-11-09", returned_count=300, sheets_counted=300,
                  spoiled_sheets=0)  # fmt: skip
    assert stepped(row, "close", actor, erased_on="2026-11-16").is_closed
