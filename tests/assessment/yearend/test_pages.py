"""The page of the change of year: what blocks, what would be carried, the request, and the working year after it."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.test import Client

from assessment.yearend.models import YearSwitch
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.services import job_release, job_run_inline
from taxsys.platform.staff.models import Staff
from tests.addressbook.conftest import full_context
from tests.assessment.desk.test_documents import clerk, page
from tests.assessment.yearend.scene import OLD, decide, employee, employer, leave

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]
MARCH = date(2027, 3, 25)


@pytest.fixture(autouse=True)
def _at_the_desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("taxsys.platform.jobs.services.look_send", lambda run_id: None)
    with clock.at(MARCH), using(full_context(actor_kind="staff", actor_id="1001")):
        yield


def test_from_the_check_list_to_the_new_working_year(client: Client) -> None:
    payer = employer(901)
    party = employee(1, payer, then=payer)
    decide(OLD, date(2026, 6, 3))
    leave(party, payer)
    desk = clerk(client)
    html = page(desk, "/assessment/year-switch")
    assert "作業年度</dt><dd>令和8年度" in html
    assert "試していません" in html
    assert desk.post("/assessment/year-switch/ask", {"which": "next"}).status_code == 302
    run = JobRun.objects.get(job_id="B-PI-28")
    assert run.params == {"tax_year": 2027}
    job_run_inline(run.pk, raise_errors=True)
    html = page(desk, "/assessment/year-switch")
    assert "二人目待ち" in html
    assert 'class="tx-num">1件' in html
    assert "そのまま続く" in html
    switch = YearSwitch.objects.get()
    lines = page(desk, f"/assessment/year-switch/{switch.pk}/changes")
    assert party.name in lines
    assert "退職 R9.2.10 指定番号000000901" in lines
    assert "該当する明細はありません" in page(desk, f"/assessment/year-switch/{switch.pk}/changes?fate=check")
    assert desk.get(f"/assessment/year-switch/{switch.pk}/nothing").status_code == 404
    chief = Client()
    clerk(chief, "1002")
    job_release(run.pk, Staff.objects.get(staff_no="1002"), inline=True)
    html = page(desk, "/assessment/year-switch")
    assert "作業年度</dt><dd>令和9年度" in html
    assert "令和9年度への引継ぎをもう一度試す" in html
    assert "令和9年度" in page(desk, f"/party/{party.pk}/assessment/relief").split('name="tax_year"')[1][:400]


def test_the_page_names_what_holds_the_switch_back(client: Client) -> None:
    payer = employer(901)
    employee(1, payer, then=payer)
    html = page(clerk(client), "/assessment/year-switch")
    assert "切り替えられません" in html
    assert "資料があって決定のない人が1人います" in html
