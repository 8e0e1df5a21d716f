"""Batches of paid slips: posted whole under their control slip, corrected beside what was read, never twice."""

from datetime import date

import pytest

from collection.closing.models import PeriodClosing
from collection.errors import DuplicateReceiptFileError
from collection.models import BankTotal, Charge, Overpayment, Receipt, Suspense
from collection.paid_slips.errors import SlipBatchError
from collection.paid_slips.models import BatchKind, PaidSlip, SlipBatch
from collection.paid_slips.reading import BatchDraft
from collection.paid_slips.rules import Reading
from collection.paid_slips.selectors import batch_days, open_batch_count
from collection.paid_slips.services import (
    batch_discard,
    batch_post,
    batch_standing,
    keyed_batch_open,
    slip_correct,
)
from collection.selectors.overdue import receipt_cut_off
from collection.selectors.proofs import prove_ledger
from taxsys.platform import clock
from taxsys.platform.files.errors import FileRefused
from taxsys.platform.files.models import ReceivedFile
from tests.collection.books import balance
from tests.collection.files_of import take
from tests.collection.paid_slips.slips_of import (
    DAY,
    HEADER,
    OCR,
    PAID,
    PUNCH,
    ocr_file,
    ocr_record,
    punch_file,
    punch_record,
    slips,
)

pytestmark = pytest.mark.django_db
QUARANTINED = ReceivedFile.State.QUARANTINED


def ocr(content: bytes, name: str = "a.txt") -> ReceivedFile:
    return take("B-CL-07", OCR, content, DAY, name=name)


def open_yen() -> int:
    return balance("receivable")


@pytest.mark.req("R-005")
def test_a_batch_that_could_be_read_is_posted_whole_on_its_own_receipt_dates() -> None:
    first, second, _third = slips()
    received = ocr(ocr_file([ocr_record(first, 1), ocr_record(second, 2, paid_on="20260630")], 50_000))
    assert received.state == ReceivedFile.State.APPLIED
    assert (SlipBatch.objects.get().state, open_batch_count()) == ("posted", 0)
    assert open_yen() == 10_000
    rows = Receipt.objects.order_by("line_no").values_list("external_key", "amount_yen", "paid_on", "account_on")
    assert list(rows) == [
        ("0158-20260701-00000001:1", 30_000, PAID, DAY),
        ("0158-20260701-00000001:2", 20_000, date(2026, 6, 30), DAY),
    ]
    assert {row.file.file_key.rsplit(":", 1)[0] for row in Receipt.objects.all()} == {"sumitsu:0158-20260701-00000001"}
    assert prove_ledger().is_ok


def test_a_misread_slip_holds_the_batch_until_an_officer_reads_the_paper() -> None:
    first, second, _third = slips()
    bad = ocr_record(second, 2)
    bad["upper"] = bad["upper"][:20] + "?" + bad["upper"][21:]
    received = ocr(ocr_file([ocr_record(first, 1), bad], 50_000))
    batch, slip = SlipBatch.objects.get(), PaidSlip.objects.get(state="open")
    assert (slip.seq_no, slip.faults, slip.read_upper, slip.match_key) == (
        2, ["upper_unread"], bad["upper"], second.case_no,
    )  # fmt: skip
    problem = received.line_errors.get()
    assert (problem.line_no, problem.severity, problem.message_ja) == (
        3, "warning", "OCR上段に読めない桁。訂正待ちです。",
    )  # fmt: skip
    assert Receipt.objects.count() == 0
    assert receipt_cut_off(DAY).unposted_files == (("paid_slips_ocr", "0158-20260701-00000001"),)
    with pytest.raises(SlipBatchError, match="訂正を待つ済通が1件"):
        batch_post(batch.pk, actor="staff:2001", as_of=DAY)
    slip_correct(slip.pk, reading=Reading(PAID, "case", second.case_no, 19_000, ()), actor="staff:2001")
    assert batch_standing(batch).difference_yen == -1_000
    with pytest.raises(SlipBatchError, match=r"送付票50,000円が合いません\(差-1,000円\)"):
        batch_post(batch.pk, actor="staff:2001", as_of=DAY)
    slip_correct(slip.pk, reading=Reading(PAID, "case", second.case_no, 20_000, ()), actor="staff:2001")
    outcome = batch_post(batch.pk, actor="staff:2001", as_of=DAY)
    assert (outcome.posted, outcome.allocated_yen, open_yen()) == (2, 50_000, 10_000)
    slip.refresh_from_db()
    assert (slip.read_upper, slip.corrected_by) == (bad["upper"], "staff:2001")
    assert batch_post(batch.pk, actor="staff:2001", as_of=DAY).posted == 0
    assert Receipt.objects.count() == 2
    assert receipt_cut_off(DAY).unposted_files == ()
    assert prove_ledger().is_ok


def test_a_slip_that_names_nothing_goes_to_suspense_with_its_line() -> None:
    first, second, _third = slips()
    foreign = ocr_record(second, 2)
    foreign["lower"] = "?" * 44
    ocr(ocr_file([ocr_record(first, 1), foreign], 50_000))
    slip = PaidSlip.objects.get(state="open")
    slip_correct(slip.pk, reading=Reading(PAID, "case", "", 20_000, ()), actor="staff:2001")
    batch_post(slip.batch_id, actor="staff:2001", as_of=DAY)
    held = Suspense.objects.get()
    assert (held.remaining_yen, held.reason, held.receipt.line_no) == (20_000, "unknown_key", 3)
    assert held.receipt.match_key == "済通の束 0158-20260701-00000001 第2号"
    assert prove_ledger().is_ok


def test_a_sound_number_of_no_slip_of_ours_is_money_in_suspense_at_once() -> None:
    first, second, _third = slips()
    lost = ocr_record(second, 2)
    second.case_no = "9999999999999999"
    lost["lower"] = ocr_record(second, 2)["lower"]
    ocr(ocr_file([ocr_record(first, 1), lost], 50_000))
    assert Suspense.objects.get().remaining_yen == 20_000
    assert (open_yen(), -balance("suspense")) == (30_000, 20_000)


def test_a_slip_paid_before_elsewhere_is_an_overpayment_not_a_loss() -> None:
    first, second, _third = slips()
    ocr(ocr_file([ocr_record(first, 1), ocr_record(second, 2)], 50_000))
    ocr(ocr_file([ocr_record(first, 1, paid_on="20260630")], 30_000, batch_no="00000002"), name="b.txt")
    over = Overpayment.objects.get()
    assert (over.yen, over.cause) == (30_000, "double")


def test_a_slip_read_twice_waits_for_the_officer() -> None:
    first, second, _third = slips()
    ocr(ocr_file([ocr_record(first, 1), ocr_record(second, 2)], 50_000))
    ocr(ocr_file([ocr_record(first, 1)], 30_000, batch_no="00000002"), name="b.txt")
    slip = PaidSlip.objects.get(state="open")
    assert (slip.batch.batch_no, slip.faults) == ("00000002", ["twice"])
    batch_discard(slip.batch_id, reason_ja="二重読取", actor="staff:2001")
    assert (Receipt.objects.count(), open_batch_count(), Overpayment.objects.count()) == (2, 0, 0)
    with pytest.raises(SlipBatchError, match="取り下げた束"):
        batch_post(slip.batch_id, actor="staff:2001", as_of=DAY)


@pytest.mark.req("R-005")
@pytest.mark.parametrize(
    ("yen", "header", "code"),
    [
        (50_001, {}, "L0104"),
        (49_999, {}, "L0104"),
        (50_000, {"municipality_code": "011002"}, "L0102"),
    ],
)
def test_a_batch_whose_controls_fail_or_of_another_city_is_refused_whole(yen, header, code) -> None:
    first, second, _third = slips()
    received = ocr(ocr_file([ocr_record(first, 1), ocr_record(second, 2)], yen, **header))
    assert (received.state, received.refusal_code) == (QUARANTINED, code)
    assert (SlipBatch.objects.count(), Receipt.objects.count(), open_yen()) == (0, 0, 60_000)


def test_misread_amounts_leave_no_room_for_more_than_the_control_slip_says() -> None:
    first, second, _third = slips()
    bad = ocr_record(second, 2)
    bad["upper"] = ""
    received = ocr(ocr_file([ocr_record(first, 1), bad], 30_000))
    assert received.refusal_code == "L0104"
    assert SlipBatch.objects.count() == 0


def test_a_wrong_count_a_cut_end_and_a_number_that_stands_twice_are_refused_whole() -> None:
    first, second, _third = slips()
    good = ocr_file([ocr_record(first, 1), ocr_record(second, 2)], 50_000)
    lines = good.split(b"\r\n")
    assert ocr(b"\r\n".join([lines[0], lines[1], *lines[3:]]), name="short.txt").refusal_code == "L0103"
    assert ocr(b"\r\n".join(lines[:3]), name="cut.txt").refusal_code == "L0102"
    double = ocr_file([ocr_record(first, 1), ocr_record(second, 1)], 50_000)
    assert ocr(double, name="double.txt").refusal_code == "E0004"
    assert ocr(good[:-40] + b"\r\n", name="ragged.txt").refusal_code == "L0101"
    hostile = good.replace(lines[1][18:57], b"\x81\xad" * 19 + b"1")
    assert ocr(hostile, name="hostile.txt").refusal_code == "L0108"
    assert SlipBatch.objects.count() == 0


def test_the_same_batch_is_refused_in_every_coat() -> None:
    first, second, _third = slips()
    records = [ocr_record(first, 1), ocr_record(second, 2)]
    content = ocr_file(records, 50_000)
    ocr(content)
    with pytest.raises(FileRefused):
        ocr(content, name="again.txt")
    with pytest.raises(FileRefused):
        ocr(content.replace(b"\r\n", b""), name="without_ends.txt")
    turned = [{**records[1], "seq_no": 1}, {**records[0], "seq_no": 2}]
    other_number = ocr(ocr_file(turned, 50_000, batch_no="00000009"), name="c.txt")
    same_number = ocr(ocr_file(records[:1], 30_000), name="d.txt")
    assert [other_number.refusal_code, same_number.refusal_code] == ["L0105", "L0105"]
    assert (Receipt.objects.count(), open_yen()) == (2, 10_000)


def test_a_discarded_batch_may_come_again() -> None:
    first, _second, _third = slips()
    bad = ocr_record(first, 1)
    bad["upper"] = ""
    ocr(ocr_file([bad], 29_000))
    batch = SlipBatch.objects.get()
    with pytest.raises(SlipBatchError, match="理由"):
        batch_discard(batch.pk, reason_ja=" ", actor="staff:2001")
    batch_discard(batch.pk, reason_ja="送付票の誤り", actor="staff:2001")
    assert ocr(ocr_file([ocr_record(first, 1)], 30_000), name="b.txt").state == ReceivedFile.State.APPLIED
    assert open_yen() == 30_000
    with pytest.raises(SlipBatchError, match="計上済み"):
        batch_discard(SlipBatch.objects.get(state="posted").pk, reason_ja="誤り", actor="staff:2001")


def test_a_batch_of_a_closed_day_waits_for_the_closing_to_be_lifted() -> None:
    first, _second, _third = slips()
    PeriodClosing.objects.create(
        span="month", first_on=date(2026, 7, 1), last_on=date(2026, 7, 31), transfers=0, yen=0, seal="x",
        closed_by="staff:2002", closed_at=clock.now(),
    )  # fmt: skip
    received = ocr(ocr_file([ocr_record(first, 1)], 30_000))
    assert received.state == ReceivedFile.State.STAGED  # not refused: the run goes on once the closing is lifted
    assert (SlipBatch.objects.count(), Receipt.objects.count()) == (0, 0)


def test_punched_slips_are_matched_by_their_claims_and_keying_errors_wait() -> None:
    slips()
    one, two, three = Charge.objects.order_by("instalment_no")
    wrong = punch_record(two, 2, 20_000) | {"notice_no": "4000124"}
    take("B-CL-07-P", PUNCH, punch_file([punch_record(one, 1, 30_000), wrong], 50_000), DAY, name="p.txt")
    slip = PaidSlip.objects.get(state="open")
    assert (slip.faults, slip.read_lower, slip.amount_yen) == (["key_unknown"], "10|2026|2026|1|4000124|2", 20_000)
    slip_correct(slip.pk, reading=Reading(PAID, "charge", two.business_key, 20_000, ()), actor="staff:2001")
    batch_post(slip.batch_id, actor="staff:2001", as_of=DAY)
    assert open_yen() == 10_000
    sound = punch_file([punch_record(three, 1, 10_000)], 10_000, batch_no="00000002")
    take("B-CL-07-P", PUNCH, sound, DAY, name="q.txt")
    assert (open_yen(), Suspense.objects.count()) == (0, 0)
    assert prove_ledger().is_ok


def test_a_batch_is_keyed_under_its_control_slip() -> None:
    first, second, _third = slips()
    draft = BatchDraft(BatchKind.KEYED, "0158", "77", DAY, 2, 50_000, ())
    with clock.at(DAY):
        batch = keyed_batch_open(draft, actor="staff:2001")
    with pytest.raises(DuplicateReceiptFileError):
        keyed_batch_open(draft, actor="staff:2001")
    for slip, paper in zip(batch.slips.order_by("seq_no"), (first, second), strict=True):
        reading = Reading(PAID, "case", paper.case_no, paper.amount_yen, ())
        slip_correct(slip.pk, reading=reading, actor="staff:2001")
    assert batch_post(batch.pk, actor="staff:2001", as_of=DAY).allocated_yen == 50_000
    assert prove_ledger().is_ok


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        (Reading(date(2026, 7, 2), "case", "", 20_000, ()), "会計日までの日付"),
        (Reading(None, "case", "", 20_000, ()), "会計日までの日付"),
        (Reading(PAID, "case", "", 0, ()), "1円以上"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(reading: Reading, words: str) -> None:
    draft = BatchDraft(BatchKind.KEYED, "0158", "77", DAY, 1, 50_000, ())
    slip = keyed_batch_open(draft, actor="staff:2001").slips.get()
    with pytest.raises(SlipBatchError, match=words):
        slip_correct(slip.pk, reading=reading, actor="staff:2001")
    assert PaidSlip.objects.get().state == "open"


def test_the_days_batches_stand_beside_the_banks_total() -> None:
    first, second, _third = slips()
    ocr(ocr_file([ocr_record(first, 1), ocr_record(second, 2)], 50_000))
    (day,) = batch_days([DAY])
    assert (day.control_yen, day.books_yen, day.bank_yen, day.difference_yen) == (50_000, 50_000, None, None)
    BankTotal.objects.create(
        channel="bank", account_on=DAY, yen=49_000, reference="日報", actor="staff:2001", recorded_at=clock.now()
    )
    (day,) = batch_days([DAY])
    assert day.difference_yen == 1_000
    assert HEADER["account_on"] == day.account_on
