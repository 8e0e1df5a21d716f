"""指定金融機関の収納日計: the bank's totals come by file, differences are told, nothing is posted."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from collection.models import BankTotal, JournalEntry
from collection.selectors.desk import day_against_bank
from collection.services.receipts import ReceiptRecord, receipts_post
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from taxsys.platform.files import layouts
from taxsys.platform.files.errors import FileRefused
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.services import SYSTEM, _start, job_request
from tests.collection.files_of import DESK, at_desk, take
from tests.collection.test_takeover import received
from tests.jobs.kill import Workshop, leases_expire

LAYOUT = "local_shitei_nikkei"
DAY = date(2026, 7, 1)


def line(channel: str, yen: int, on: date = DAY) -> dict[str, Any]:
    return {"account_on": on, "channel": channel, "receipt_count": 1, "amount_yen": yen, "reference": "日報1"}


def content(*lines: dict[str, Any]) -> bytes:
    return layouts.get(LAYOUT).write(list(lines))


def paid() -> None:
    """30,000 yen over the bank's counter, of no claim we know: it stands in suspense."""
    record = ReceiptRecord("bank", "b", "confirmed", "case", "9999999999999999", 30_000, DAY, DAY)
    receipts_post([record], actor="job:test", as_of=DAY)


@pytest.mark.django_db
@pytest.mark.req("R-005")
def test_the_banks_totals_stand_beside_the_books_and_differences_are_told() -> None:
    paid()
    entries = JournalEntry.objects.count()
    take("B-CL-33", LAYOUT, content(line("bank", 29_000), line("cvs", 500)), DAY)
    log = "".join(JobRun.objects.latest("pk").log_lines.values_list("text_ja", flat=True))
    assert "2026-07-01 金融機関窓口: 入金と帳簿の差額 -1,000円" in log
    assert "2026-07-01 コンビニ・スマホ: 入金と帳簿の差額 500円" in log
    assert {row.channel: row.bank_difference_yen for row in day_against_bank(DAY)} == {"bank": -1_000, "cvs": 500}
    take("B-CL-33", LAYOUT, content(line("bank", 30_000)), DAY, name="corrected.csv")
    assert {row.channel: row.bank_difference_yen for row in day_against_bank(DAY)} == {"bank": 0, "cvs": 500}
    assert [total.yen for total in BankTotal.objects.filter(channel="bank").order_by("pk")] == [29_000, 30_000]
    assert JournalEntry.objects.count() == entries


@pytest.mark.django_db
def test_the_same_file_again_and_a_faulty_one_leave_nothing() -> None:
    good = content(line("bank", 30_000))
    take("B-CL-33", LAYOUT, good, DAY)
    with pytest.raises(FileRefused):
        take("B-CL-33", LAYOUT, good, DAY, name="again.csv")
    bad = take(
        "B-CL-33", LAYOUT, content(line("bank", 1), line("cvs", 2)).replace(b",cvs,", b",xxx,"), DAY, name="b.csv"
    )
    assert bad.state == ReceivedFile.State.QUARANTINED
    assert [total.yen for total in BankTotal.objects.all()] == [30_000]


@pytest.fixture
def workshop(transactional_db: None, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """Work is done by the killable workers only."""
    monkeypatch.setattr("taxsys.platform.jobs.services.look_send", lambda run_id: None)
    with Workshop() as shop:
        yield shop


@pytest.mark.usefixtures("quick_hashes")
@pytest.mark.django_db(transaction=True)
def test_an_intake_killed_at_any_of_its_commits_notes_each_total_once(workshop: Workshop) -> None:
    with at_desk(DAY):
        file_id = received(LAYOUT, content(line("bank", 30_000), line("cvs", 500)))
    with clock.at(DAY), using(DESK):
        run = job_request("B-CL-33", {"file": file_id}, actor=SYSTEM, business_on=DAY)
        _start(run.pk, SYSTEM)
    kills = 0
    for boundary in range(1, 60, 2):
        if workshop.work(run.pk, kill_at=boundary) == 0:
            break
        kills += 1
        leases_expire()
    assert kills >= 3
    assert sorted(BankTotal.objects.values_list("channel", "yen")) == [("bank", 30_000), ("cvs", 500)]
    assert ReceivedFile.objects.get(pk=file_id).state == "applied"
