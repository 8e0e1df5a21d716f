"""並行稼働: the old system's state beside ours, every difference by instalment and item, as list, page and CSV."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.conf import settings

from addressbook.models import Party
from collection.models import Charge, JournalEntry
from collection.takeover.models import Comparison, ComparisonRow
from taxsys.platform import clock
from taxsys.platform.files import layouts
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.services import file_receive
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.selectors import run_counts
from tests.collection.books import party
from tests.collection.files_of import at_desk, run_job
from tests.collection.test_takeover import CUTOVER, KEY, tables, take_over
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db
LAYOUT = "local_ikou_shogo"


@pytest.fixture(autouse=True)
def taken_over() -> Iterator[None]:
    with clock.at(CUTOVER):
        take_over(tables(Party.objects.get(pk=party(7))))
        yield


def state(instalment_no: int, levied: int, paid: int, unpaid: int, interest: int | None = None) -> dict[str, Any]:
    return {
        **KEY, "instalment_no": instalment_no, "levied_yen": levied, "paid_yen": paid, "unpaid_yen": unpaid,
        "late_interest_yen": interest,
    }  # fmt: skip


AGREED = [state(1, 30_000, 30_000, 0), state(2, 30_000, 0, 30_000), state(3, 30_000, 0, 30_000, 0)]


def compared(rows: list[dict[str, Any]], *, on: date = CUTOVER, name: str = "shogo.csv") -> JobRun:
    with at_desk(CUTOVER):
        file = file_receive(
            name=name, content=layouts.get(LAYOUT).write(rows), format=LAYOUT, sender="旧システム", channel="media"
        )
    return run_job("B-CL-41", {"file": str(file.pk), "on": on.isoformat()}, CUTOVER)


def test_a_comparison_with_another_citys_state_is_refused_whole() -> None:
    run = compared([{**row, "municipality_code": "011002"} for row in AGREED])
    assert "他団体のファイルです" in "".join(run.log_lines.values_list("text_ja", flat=True))
    assert Comparison.objects.count() == 0


def gate(run: JobRun) -> bool:
    return bool(run.gates.get(gate_id="CL-PARALLEL").ok)


@pytest.mark.req("R-022")
def test_two_systems_that_agree_have_no_difference() -> None:
    run = compared(AGREED)
    assert (run.state, gate(run)) == ("finished", True)
    assert run_counts(run) == {"こちらにない": 0, "差異": 0, "旧システムにない": 0, "比較": 3}
    summary = Comparison.objects.get()
    assert (summary.legacy_unpaid_yen, summary.unpaid_yen) == (60_000, 60_000)


@pytest.mark.req("R-022")
def test_every_difference_is_listed_by_instalment_and_item() -> None:
    entries = JournalEntry.objects.count()
    run = compared([state(1, 30_000, 29_000, 1_000), state(2, 30_000, 0, 30_000, 1), {**AGREED[2], "notice_no": "X"}])
    assert not gate(run)
    second = Charge.objects.get(instalment_no=2)
    found = [(row.charge_key.split("|")[4:], row.item, row.legacy_yen, row.yen) for row in ComparisonRow.objects.all()]
    interest = next(row for row in found if row[1] == "interest")
    assert interest[2] == 1
    assert (interest[3] or 0) > 1_000
    assert sorted(row for row in found if row[1] != "interest") == sorted(
        [
            (["OLD1", "1"], "paid", 29_000, 30_000),
            (["OLD1", "1"], "unpaid", 1_000, 0),
            (["OLD1", "3"], "missing_there", None, 30_000),
            (["X", "3"], "missing_here", 30_000, None),
        ]
    )
    assert ComparisonRow.objects.get(item="interest").charge == second
    listed = (settings.TAXSYS_DATA_DIR / run.outputs.get().path).read_bytes().decode("utf-8-sig").splitlines()
    assert "10,2025,2025,ordinary,OLD1,1,収納額,29000,30000,1000" in listed
    assert JournalEntry.objects.count() == entries


def test_the_state_of_an_earlier_day_is_compared_as_of_that_day() -> None:
    rows = [state(1, 30_000, 0, 30_000), state(2, 30_000, 0, 30_000), state(3, 30_000, 0, 30_000)]
    assert gate(compared(rows, on=date(2025, 6, 30)))


def test_a_later_comparison_replaces_the_differences() -> None:
    compared([state(1, 30_000, 29_000, 1_000), *AGREED[1:]])
    assert ComparisonRow.objects.exists()
    assert gate(compared(AGREED, name="again.csv"))
    assert not ComparisonRow.objects.exists()
    assert Comparison.objects.count() == 2


def test_a_file_with_a_faulty_line_is_not_compared() -> None:
    content = layouts.get(LAYOUT).write(AGREED).replace(b"30000", b"3000x", 1)
    with at_desk(CUTOVER):
        file = file_receive(name="x.csv", content=content, format=LAYOUT, sender="旧システム", channel="media")
    run = run_job("B-CL-41", {"file": str(file.pk), "on": CUTOVER.isoformat()}, CUTOVER)
    assert run_counts(run) == {"受付不可": 1}
    assert not Comparison.objects.exists()
    assert ReceivedFile.objects.get(pk=file.pk).state == "staged"


@pytest.mark.req("R-022")
def test_the_page_shows_reconciliation_and_differences_without_a_name(client) -> None:
    compared([state(1, 30_000, 29_000, 1_000), *AGREED[1:]])
    chief = officer("2002", permissions=["collection.take_over"], unit_name="納税管理課")
    desk = sign_in(client, chief)
    page = desk.get("/collection/takeover/").content.decode()
    assert "移行 R8-1" in page
    assert "13,500" in page
    assert "29,000" in page
    assert "試験 7" not in page
    listed = desk.get("/collection/takeover/?as=csv").content.decode("utf-8-sig")
    assert "OLD1,1,未納額,1000,0,-1000" in listed
