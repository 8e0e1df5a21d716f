"""A clerk's year in a real browser (issue proof): paper return → double dependant → trial → findings → release by a
second person → change of employer → amended return → correction → both notices, on a small city.

The worker is this process: the browser asks for a run and lets it go, the run is worked on here.
"""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from addressbook.models import Party
from addressbook.selectors.protections import hidden_parties
from assessment.entry.models import PaperEntry
from assessment.items.models import DeskItem
from assessment.models import (
    AssessmentRun,
    Decision,
    EmploymentChange,
    Finding,
    FindingSeverity,
    LevyChange,
    ResidentResult,
    SourceDocument,
)
from assessment.resident.non_filers import non_filers
from assessment.resident.relatives import relative_claims
from collection.models import WithheldShare
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.jobs.models import JobRun, RunState
from taxsys.platform.jobs.services import job_run_inline
from taxsys.platform.staff.catalogue import catalogue
from taxsys.platform.staff.models import Staff
from taxsys.platform.staff.services import demo_accounts_create
from taxsys.web.demo import Demo
from taxsys.web.demo.steps import assessment, collection, papers_in
from tests.browser.test_counter_day import open_link, paper, press
from tests.platform.actors import officer, terminal
from tests.platform.test_keyboard import PASSWORD, focused
from tests.printing.conftest import flat

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
YEAR = 2026
CLERK, CHIEF = "7001", "7002"


@pytest.fixture
def demo(transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Demo:
    """150 residents: the files of spring and May, and the May cut decided."""
    settings.TAXSYS_CREATE_KEYS = True
    monkeypatch.setattr("taxsys.platform.jobs.services.look_send", lambda run_id: None)
    demo_accounts_create({"*": "correct-horse-battery-26"}, from_on=date(2025, 4, 1))
    staff = {no: Staff.objects.get(staff_no=no) for no in ("1001", "1002", "2001", "2002")}
    city = Demo(
        size=150, seed=3, clerk=staff["1001"], chief=staff["1002"], cashier=staff["2001"],
        cashier_chief=staff["2002"], say=lambda _line: None, inline=True,
    )  # fmt: skip
    for step in (papers_in.spring, assessment.population, assessment.wage_cut, papers_in.late):
        step(city)
    return city


class Office:
    """The browser of one desk: who sits there, what day it is."""

    def __init__(self, page: Any, data_folder: Path, settings: Any) -> None:
        self.page, self.folder, self.settings = page, data_folder, settings
        terminal()
        for staff_no in (CLERK, CHIEF):
            one = officer(staff_no, permissions=list(catalogue()))
            one.set_password(PASSWORD)
            one.save()

    def on(self, day: date) -> None:
        """The business day of everything from here on."""
        self.settings.TAXSYS_BUSINESS_DATE = day.isoformat()

    def _code(self, purpose: str) -> str:
        codes = (self.folder / "console" / "one-time-codes.log").read_text()
        return str(re.findall(rf"{purpose} (\d{{6}})", codes)[-1])

    def sign_in(self, staff_no: str) -> None:
        """Another officer takes the desk."""
        if self.page.locator("form.tx-header__out button").count():
            self.page.locator("form.tx-header__out button").click()
        self.page.goto("/")
        focused(self.page, "id_staff_no")
        self.page.keyboard.type(staff_no)
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(PASSWORD)
        self.page.keyboard.press("Enter")
        focused(self.page, "id_code")
        self.page.keyboard.type(self._code("sign_in"))
        self.page.keyboard.press("Enter")
        focused(self.page, "q")

    def run(self, job_id: str, **params: str) -> JobRun:
        """Ask for a run at the job desk; it is worked on at once."""
        self.page.goto(reverse("jobs-request", args=[job_id]))
        for name, value in params.items():
            box = self.page.locator(f"#id_{name}")
            box.select_option(value) if box.evaluate("e => e.tagName") == "SELECT" else box.fill(value)
        press(self.page, "F9")
        run = JobRun.objects.filter(job_id=job_id).latest("pk")
        assert f"/jobs/runs/{run.pk}" in self.page.url
        job_run_inline(run.pk, actor=Staff.objects.get(staff_no=CLERK), raise_errors=True)
        run.refresh_from_db()
        assert run.state == RunState.FINISHED, run.message
        return run

    def settle(self, run: AssessmentRun) -> int:
        """Read every list of findings and settle what is to be looked at; how many."""
        waiting = Finding.objects.filter(run=run, severity=FindingSeverity.REVIEW, settled_at__isnull=True)
        count = waiting.count()
        for check_id in sorted(set(waiting.values_list("check_id", flat=True))):
            while Finding.objects.filter(
                run=run, check_id=check_id, severity=FindingSeverity.REVIEW, settled_at__isnull=True
            ).exists():
                self.page.goto(reverse("assessment-findings", args=[run.pk, check_id]))
                for box in self.page.locator("input[name=findings]").all():
                    box.check()
                self.page.locator("#id_reason").fill("資料を確かめ、誤りなし")
                press(self.page, "F9")
        self.page.goto(reverse("assessment-run", args=[run.pk]))
        return count

    def release(self, job_run: JobRun) -> None:
        """A second person lets the run go, with the second factor again."""
        self.sign_in(CHIEF)
        self.page.goto(reverse("jobs-run", args=[job_run.pk]))
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="出力解放").click()
        if "step-up" in self.page.url or self.page.locator("#id_code").count():
            self.page.locator("#id_code").fill(self._code("step_up"))
            press(self.page, "F9")
            self.page.goto(reverse("jobs-run", args=[job_run.pk]))
            with self.page.expect_navigation():
                self.page.get_by_role("button", name="出力解放").click()
        job_run_inline(job_run.pk, actor=Staff.objects.get(staff_no=CHIEF), raise_errors=True)
        job_run.refresh_from_db()
        assert (job_run.state, job_run.released_by) == (RunState.RELEASED, CHIEF), job_run.message
        self.sign_in(CLERK)


def people() -> tuple[Party, Party]:
    """An adult of whom nothing is known, and a child whom somebody else has claimed."""
    hidden = hidden_parties(on=date(YEAR, 5, 20))
    silent = [one.party_id for one in non_filers(tax_year=YEAR, age_from=25) if one.party_id not in hidden]
    adult = Party.objects.filter(pk__in=silent, state="registered").order_by("person_no").first()
    claims = [one.relative_id for one in relative_claims(tax_year=YEAR).known if one.role in {"under_16", "dependant"}]
    child = (
        Party.objects.filter(pk__in=claims, state="registered", birth_on__gt=date(2011, 1, 1))
        .exclude(pk__in=hidden).order_by("person_no").first()
    )  # fmt: skip
    assert adult is not None
    assert child is not None
    return adult, child


def enter_return(office: Office, party: Party, boxes: dict[str, str], *, day: str) -> SourceDocument:
    """市民税・道民税申告書 by keyboard: each box is reached with Enter in the order of the paper."""
    page = office.page
    assert party.birth_on is not None
    page.goto(reverse("assessment-entry-paper", args=["resident_return", YEAR]))
    focused(page, "id_arrived_on")
    typed = {
        "arrived_on": day, "filing_kind": "0", "name_kana": party.name_kana, "name": party.name,
        "birth_on": f"{party.birth_on:%Y%m%d}", **boxes,
    }  # fmt: skip
    order = page.eval_on_selector_all("input[data-box]", "all => all.map(one => one.name)")
    for name in order:
        focused(page, f"id_{name}")
        if name in typed:
            page.keyboard.press("Control+a")
            page.keyboard.type(typed.pop(name))
        page.keyboard.press("Enter")
    assert typed == {}
    focused(page, "id_person_no")
    press(page, "F4")
    page.locator(f"input[name=party][value='{party.pk}']").check()
    before = PaperEntry.objects.count()
    press(page, "F9")
    if page.locator("#warnings-title").count():
        press(page, "F9")
    page.wait_for_selector(".tx-banner--success")
    assert PaperEntry.objects.count() == before + 1
    return PaperEntry.objects.latest("entry_no").document or pytest.fail("no document")


def leave(office: Office) -> tuple[int, int]:
    """異動届 of the first employee of the May cut: recorded as on the form, computed, let go; yen moved from and to."""
    page = office.page
    hidden = hidden_parties(on=date(YEAR, 9, 7))
    share = (
        WithheldShare.objects.filter(charge__tax_year=YEAR, amount_yen__gt=0)
        .exclude(employee__in=hidden).order_by("employee__person_no").first()
    )  # fmt: skip
    assert share is not None
    page.goto(reverse("assessment-change-new", args=[share.employee_id, YEAR]))
    page.locator("#id_last_place").select_option("3")
    for name in ("annual_yen", "collected_yen", "uncollected_yen"):  # the employer left these boxes empty
        page.locator(f"#id_{name}").fill("")
    page.locator("#id_event_on").fill("R8.8.20")
    page.locator("#id_reason").select_option("1")
    page.locator("input[name=after][value='3']").check()
    press(page, "F8")
    assert "まだ記録していません" in page.locator("main").inner_text()
    press(page, "F9")
    change = EmploymentChange.objects.get(party=share.employee_id)
    run = office.run("B-PI-20", tax_year=str(YEAR))
    office.settle(AssessmentRun.objects.get(job_run_id=run.pk))
    office.release(run)
    change.refresh_from_db()
    assert not change.is_pending
    moved = LevyChange.objects.filter(run__job_run_id=run.pk, party=share.employee_id)
    change_of = {"wage": 0, "ordinary": 0}
    for one in moved:
        before = one.city_before_yen + one.prefecture_before_yen + one.forest_before_yen
        change_of[one.method] += one.city_yen + one.prefecture_yen + one.forest_yen - before
    return -change_of["wage"], change_of["ordinary"]


def test_from_a_paper_return_to_both_notices(demo: Demo, browser_page: Any, data_folder: Path, settings: Any) -> None:
    problems: list[str] = []
    browser_page.on("pageerror", lambda error: problems.append(str(error)))
    office, page = Office(browser_page, data_folder, settings), browser_page
    adult, child = people()
    assert child.birth_on is not None

    # The paper return; a wrong total speaks up while it is typed.
    office.on(date(YEAR, 5, 20))
    office.sign_in(CLERK)
    page.goto(reverse("assessment-entry-paper", args=["resident_return", YEAR]))
    page.locator("#id_business_income_yen").fill("4000000")
    page.locator("#id_total_income_yen").fill("4000001")
    page.locator("#id_social_insurance_yen").focus()
    assert "合計が、①から⑪までの各欄の合計と違います" in page.locator("#id_total_income_yen-live").inner_text()
    boxes = {
        "business_income_yen": "4000000", "total_income_yen": "4000000", "social_insurance_yen": "500000",
        "dependant_1_name": child.name, "dependant_1_relation": "子",
        "dependant_1_birth_on": f"{child.birth_on:%Y%m%d}",
    }  # fmt: skip
    # This paper claims a spouse and the relief of single parents: the page asks once, the checks of the run again.
    contradiction = {"is_single_parent": "1", "spouse_1_name": "旭川　花子", "spouse_1_birth_on": "S60.1.1"}
    document = enter_return(office, adult, boxes | contradiction, day="R8.5.20")
    assert (document.party, document.kind, document.state) == (adult, "resident_return", "active")
    assert PaperEntry.objects.get(document=document).kept_warnings == ["is_single_parent"]

    # The child is claimed twice: found over the city, worked off on the list.
    office.run("B-PI-12", tax_year=str(YEAR), documents_until="R8.6.1")
    item = DeskItem.objects.get(kind="twice", party=child)
    assert adult.pk in item.others
    page.goto(f"{reverse('assessment-items')}?year={YEAR}&kind=twice")
    assert child.name in page.locator("main").inner_text()
    page.locator(f"input[name=items][value='{item.pk}']").check()
    page.locator("#id_note").fill("両親に確かめ、16歳未満のため税額に影響なし")
    press(page, "F9")
    item.refresh_from_db()
    assert (item.state, item.settled_by) == ("done", CLERK)

    # The trial owes nobody anything.
    trial = office.run("B-PI-13", tax_year=str(YEAR), mode="trial", documents_until="R8.6.1")
    tried = AssessmentRun.objects.get(job_run_id=trial.pk)
    page.goto(reverse("assessment-run", args=[tried.pk]))
    page.goto(reverse("assessment-run-calculation", args=[tried.pk, adult.pk]))
    annual = int(ResidentResult.objects.get(run=tried, party=adult).annual_tax_yen)
    assert f"{annual:,}" in page.locator("main").inner_text()
    assert not Decision.objects.filter(party=adult).exists()

    # The cut of June: computed, its findings read and settled, let go by the chief.
    office.on(date(YEAR, 6, 3))
    cut = office.run("B-PI-13", tax_year=str(YEAR), mode="initial_ordinary", documents_until="R8.6.1")
    run = AssessmentRun.objects.get(job_run_id=cut.pk)
    page.goto(reverse("jobs-run", args=[cut.pk]))
    assert page.get_by_role("button", name="出力解放").count() == 0
    assert Finding.objects.get(run=run, party=adult).check_id == "spouse_and_single_parent"
    assert office.settle(run) > 0
    office.release(cut)
    first = Decision.objects.get(party=adult, tax_year=YEAR)
    assert (first.version, first.annual_yen) == (1, annual)
    collection.slips(demo)
    told = paper(page, reverse("assessment-notice-preview", args=[first.pk]))
    assert flat(adult.name) in told
    assert f"{annual:,}" in told

    # Somebody leaves the employer in August: the months left go over to bills.
    office.on(date(YEAR, 9, 7))
    left_months, billed = leave(office)
    assert left_months == billed > 0

    # An amended return in September: the next version, by the difference alone.
    office.on(date(YEAR, 9, 20))
    more = {**boxes, "business_income_yen": "5000000", "total_income_yen": "5000000"}
    amended = enter_return(office, adult, more, day="R8.9.18")
    assert amended.pk != document.pk
    correction = office.run("B-PI-19", tax_year=str(YEAR), documents_until="R8.9.20")
    corrected = AssessmentRun.objects.get(job_run_id=correction.pk)
    office.settle(corrected)
    office.release(correction)
    second = Decision.objects.get(party=adult, tax_year=YEAR, version=2)
    assert second.annual_yen > first.annual_yen
    open_link(page, page.locator("a[href='/']").first)
    page.goto(reverse("assessment-compare", args=[adult.pk, YEAR]))
    assert f"{second.annual_yen:,}" in page.locator("main").inner_text()
    collection.slips_again(demo, date(YEAR, 9, 21))
    told = paper(page, reverse("assessment-notice-preview", args=[second.pk]))
    assert f"{second.annual_yen:,}" in told
    assert flat(second.reason_ja) in told
    assert "市民税・道民税申告書" in told

    seen = AccessEvent.objects.filter(actor_id=CLERK, subjects__contains=[str(adult.pk)])
    assert {"create", "view"} <= set(seen.values_list("action", flat=True))
    assert problems == []
