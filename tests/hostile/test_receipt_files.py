"""Files of money through their jobs: twice, cut short, wrong totals, a bad record, wrong encoding, wrong day or bank.

A file whose own controls fail is refused whole and nothing of it is posted; a bad line is set aside and the others
stand; money that has arrived is never turned away. After each of them the books agree to the yen.
"""

from collections.abc import Callable, Iterator
from datetime import date

import pytest

from collection.closing.models import PeriodClosing
from collection.closing.services import period_reopen
from collection.models import Charge, DebitMandate, DebitRequest, Receipt, Slip, Suspense
from collection.selectors.proofs import prove_ledger
from collection.services.debit import debit_batch_build, debit_batch_records, debit_batch_release
from collection.services.levy import levy_post, levy_reverse
from collection.services.slips import SlipRequest, slip_issue_many
from taxsys.platform import clock
from taxsys.platform.files import layouts
from taxsys.platform.files.errors import DuplicateFile
from taxsys.platform.files.manifest import manifest_bytes, manifest_of
from taxsys.platform.files.models import ReceivedFile, RefusedAttempt
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.selectors import run_counts
from taxsys.platform.jobs.services import job_resume
from tests.collection.books import balance, ordinary, party
from tests.collection.files_of import at_desk, take

pytestmark = pytest.mark.django_db
State = ReceivedFile.State
DUE, PAID_ON, ARRIVED_ON = date(2026, 6, 30), date(2026, 6, 25), date(2026, 7, 6)
CVS, COMMON, ZENGIN = layouts.get("cvs_csv"), layouts.get("local_kyotsu_nofu_result"), layouts.get("zengin_91")
JOBS = {"cvs_csv": "B-CL-10", "local_kyotsu_nofu_result": "B-CL-11", "zengin_91": "B-CL-02"}
FORMATS = tuple(JOBS)


@pytest.fixture(autouse=True)
def books() -> Iterator[None]:
    """Three taxpayers with one instalment of 7,000 yen; whatever happens, the books agree at the end."""
    for number in (1, 2, 3):
        rows = ordinary(party(number), f"N{number:09d}", [(7000, 0, 0)])
        levy_post(rows, dedupe_key=f"run-{number}", occurred_on=date(2026, 6, 3), actor="job:test")
    yield
    assert [check.title_ja for check in prove_ledger().checks if not check.is_ok] == []


def slips() -> list[Slip]:
    if not Slip.objects.exists():
        wanted = [SlipRequest((charge.id,), date(2027, 5, 31)) for charge in Charge.objects.order_by("pk")]
        slip_issue_many(wanted, issued_on=date(2026, 6, 8))
    return list(Slip.objects.order_by("pk")[:3])


def store_line(slip: Slip, kind: str = "02", **changes: str) -> dict[str, str]:
    code = slip.cvs_barcode
    values = {
        "kind": kind, "paid_date": "20260625", "paid_hhmm": "1205", "barcode": f"EAN{code}", "user1": code[13:19],
        "user2": code[19:30], "stamp_flag": "0", "amount": "007000", "cvs": "760", "cvs_name": "ｾｲｺｰﾏｰﾄ",
        "store": "001234", "transfer_date": "20260706", "created": "20260706",
    }  # fmt: skip
    return {**values, **changes}


def portal_line(slip: Slip, number: int, **changes: str) -> dict[str, str]:
    values = {
        "notice_kind": "02", "payment_no": f"P{number}", "municipality_code": "012041", "case_key": slip.el_case_key,
        "confirm_no": slip.el_confirm_no, "channel": "01", "bank_code": "0990", "branch_code": "001",
        "paid_on": "2026-06-25", "paid_at": "2026-06-25T12:05:00+09:00", "amount": "7000",
        "remitted_on": "2026-07-03", "remit_no": "S1", "fee": "0",
    }  # fmt: skip
    return {**values, **changes}


def answer(codes: str = "000", **header: str) -> bytes:
    """The bank's answer to the request of 30 June."""
    if not DebitMandate.objects.exists():
        for number in (1, 2, 3):
            DebitMandate.objects.create(
                mandate_no=f"M{number}", party_id=party(number), tax_kind_id="10", bank_code="0990",
                branch_code="001", account_type="1", account_number=f"{number:07d}", holder_kana="ｼｹﾝ",
                valid_from=date(2025, 4, 1),
            )  # fmt: skip
    batch = debit_batch_release(debit_batch_build(originator_code="0000120410", debit_on=DUE, due_on=DUE).pk)
    records = [{**values, "result_code": code} for values, code in zip(debit_batch_records(batch), codes, strict=True)]
    ok = sum(code == "0" for code in codes)
    trailer = {"ok_count": ok, "ok_amount": ok * 7000, "ng_count": 3 - ok, "ng_amount": (3 - ok) * 7000}
    head = {"code_kubun": "0", "originator_code": "0000120410", "debit_mmdd": "0630", "bank_code": "0999",
            "branch_code": "001"}  # fmt: skip
    return ZENGIN.write(records, header={**head, **header}, trailer=trailer)


def whole(format_name: str) -> bytes:
    """A sound file that pays the three instalments."""
    if format_name == "zengin_91":
        return answer()
    if format_name == "cvs_csv":
        return CVS.write([store_line(slip) for slip in slips()])
    return COMMON.write([portal_line(slip, number) for number, slip in enumerate(slips())])


def manifest(content: bytes, **changes: object) -> bytes:
    facts = {"format": "local_kyotsu_nofu_result", "layout_version": "v1", "sender": "送付元", "record_count": 3,
             "amount_sums": {"amount": 21_000}}  # fmt: skip
    return manifest_bytes({**manifest_of(content, **facts), **changes})


def bring(format_name: str, content: bytes, *, name: str = "", slip: bytes = b"") -> ReceivedFile:
    more = {"manifest": slip} if slip else {}
    return take(JOBS[format_name], format_name, content, ARRIVED_ON, name=name, **more)


def refused_whole(received: ReceivedFile, code: str) -> None:
    assert (received.state, received.refusal_code) == (State.QUARANTINED, code)
    assert not Receipt.objects.exists()
    assert (balance("cash_in"), balance("receivable")) == (0, 21_000)
    assert "requested" in set(DebitRequest.objects.values_list("state", flat=True)) or not DebitRequest.objects.exists()


@pytest.mark.parametrize("format_name", FORMATS)
def test_sound_file_pays_the_three_instalments(format_name: str) -> None:
    assert bring(format_name, whole(format_name)).state == State.APPLIED
    assert (balance("cash_in"), balance("receivable")) == (21_000, 0)


@pytest.mark.req("R-110")
@pytest.mark.parametrize("format_name", FORMATS)
def test_same_file_again_is_refused_at_the_door_whatever_its_name_or_line_ends(format_name: str) -> None:
    content = whole(format_name)
    bring(format_name, content)
    other_ends = content.replace(b"\r\n", b"\n")
    for again in (content, other_ends):
        with pytest.raises(DuplicateFile):
            bring(format_name, again, name="other.txt")
    assert RefusedAttempt.objects.count() == 2
    assert balance("cash_in") == 21_000


def test_same_answer_of_the_bank_in_other_bytes_is_known_by_its_batch() -> None:
    bring("zengin_91", answer("000"))
    again = bring("zengin_91", answer(bank_name="ｺﾞｳｾｲ"), name="again.txt")
    assert (again.state, again.refusal_code) == (State.QUARANTINED, "L0105")
    assert balance("cash_in") == 21_000


def test_same_payments_in_a_second_file_are_listed_as_repeats_and_not_posted_again() -> None:
    lines = [store_line(slip) for slip in slips()]
    bring("cvs_csv", CVS.write(lines), name="first.csv")
    second = bring("cvs_csv", CVS.write([*lines, store_line(slips()[0], store="009999")]), name="second.csv")
    assert second.state == State.APPLIED
    run = JobRun.objects.get(params__file=str(second.pk))
    assert run_counts(run)["重複"] == 3
    assert balance("cash_in") == 28_000  # the fourth is a second payment of another shop


@pytest.mark.parametrize("keep", [0.3, 0.5, 0.8])
def test_answer_of_the_bank_cut_short_is_refused_whole(keep: float) -> None:
    content = whole("zengin_91")
    received = bring("zengin_91", content[: int(len(content) * keep)])
    assert received.refusal_code in {"L0101", "L0102"}
    refused_whole(received, received.refusal_code)


@pytest.mark.parametrize(("cut", "code"), [(-10, "L0103"), (-200, "L0103")])
def test_portal_file_cut_short_differs_from_its_slip_and_is_refused_whole(cut: int, code: str) -> None:
    content = whole("local_kyotsu_nofu_result")
    received = bring("local_kyotsu_nofu_result", content[:cut], slip=manifest(content))
    assert received.refusal_code in {code, "L0110"}
    refused_whole(received, received.refusal_code)


def test_shop_file_cut_in_its_last_line_posts_the_whole_lines_and_the_full_file_brings_the_rest() -> None:
    content = whole("cvs_csv")
    short = bring("cvs_csv", content[:-12], name="short.csv")
    assert short.state in {State.PARTLY_APPLIED, State.QUARANTINED}
    assert balance("cash_in") == (14_000 if short.state == State.PARTLY_APPLIED else 0)
    bring("cvs_csv", content, name="full.csv")
    assert (balance("cash_in"), balance("receivable")) == (21_000, 0)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"record_count": 4}, "L0103"), ({"amount_sums": {"amount": 21_001}}, "L0104"), ({"sha256": "0" * 64}, "L0110")],
)
def test_portal_file_that_its_slip_contradicts_is_refused_whole(changes: dict[str, object], code: str) -> None:
    content = whole("local_kyotsu_nofu_result")
    refused_whole(bring("local_kyotsu_nofu_result", content, slip=manifest(content, **changes)), code)


@pytest.mark.parametrize(("at", "code"), [(1, "L0103"), (7, "L0104")])
def test_answer_whose_trailer_is_wrong_is_refused_whole(at: int, code: str) -> None:
    lines = whole("zengin_91").split(b"\r\n")
    trailer = next(i for i, line in enumerate(lines) if line[:1] == b"8")
    width = 6 if at == 1 else 12
    lines[trailer] = lines[trailer][:at] + b"9".rjust(width, b"0") + lines[trailer][at + width :]
    refused_whole(bring("zengin_91", b"\r\n".join(lines)), code)


def bad_middle(format_name: str) -> bytes:
    content = whole(format_name)
    lines = content.split(b"\r\n")
    # One bad record between two good ones: a letter where a digit must stand.
    middle = {"zengin_91": 2, "cvs_csv": 1, "local_kyotsu_nofu_result": 2}[format_name]
    marks = {"zengin_91": (b"0990", b"O99O"), "cvs_csv": (b"20260625", b"2026O625"),
             "local_kyotsu_nofu_result": (b"2026-06-25,", b"2026-06-99,")}  # fmt: skip
    lines[middle] = lines[middle].replace(*marks[format_name], 1)
    return b"\r\n".join(lines)


@pytest.mark.parametrize("format_name", ["cvs_csv", "local_kyotsu_nofu_result"])
def test_bad_record_in_the_middle_is_set_aside_and_the_others_are_posted(format_name: str) -> None:
    received = bring(format_name, bad_middle(format_name))
    assert received.state == State.PARTLY_APPLIED
    assert received.line_errors.count() == 1
    assert (balance("cash_in"), balance("receivable")) == (14_000, 7000)


def test_bad_record_in_an_answer_refuses_it_whole_because_it_must_equal_the_request() -> None:
    refused_whole(bring("zengin_91", bad_middle("zengin_91")), "L0108")


@pytest.mark.parametrize(
    ("format_name", "spoil"),
    [
        ("cvs_csv", lambda content: b"\xef\xbb\xbf" + content),
        ("cvs_csv", lambda content: content.decode("cp932").encode("utf-16")),
        ("local_kyotsu_nofu_result", lambda content: b"\xef\xbb\xbf" + content),
        ("local_kyotsu_nofu_result", lambda content: content.decode().encode("utf-16")),
        ("zengin_91", lambda content: content.decode("cp932").encode("utf-8")),
        ("zengin_91", lambda content: content.decode("cp932").encode("cp500", "replace")),
    ],
)
def test_file_in_the_wrong_encoding_is_refused_whole(format_name: str, spoil: Callable[[bytes], bytes]) -> None:
    received = bring(format_name, spoil(whole(format_name)))
    refused_whole(received, received.refusal_code)
    assert received.refusal_message


@pytest.mark.parametrize(
    ("header", "code"), [({"debit_mmdd": "0831"}, "L0102"), ({"originator_code": "0000999999"}, "L0102")]
)
def test_answer_for_another_day_or_another_originator_is_refused_whole(header: dict[str, str], code: str) -> None:
    content = answer(**header)
    received = bring("zengin_91", content)
    assert received.refusal_code in {code, "L0108"}
    refused_whole(received, received.refusal_code)


def test_portal_file_of_another_city_is_refused_whole() -> None:
    lines = [portal_line(slip, number) for number, slip in enumerate(slips())]
    lines[1]["municipality_code"] = "011002"
    refused_whole(bring("local_kyotsu_nofu_result", COMMON.write(lines)), "L0102")


def test_money_for_a_slip_of_another_issuer_has_arrived_and_waits_in_suspense() -> None:
    foreign = store_line(slips()[0], barcode="EAN91" + "9" * 35 + "007000"[:6] + "0")
    bring("cvs_csv", CVS.write([foreign, store_line(slips()[1])]))
    assert [(s.reason, s.remaining_yen) for s in Suspense.objects.all()] == [("unknown_key", 7000)]
    assert balance("cash_in") == 14_000


def test_money_for_a_recalled_claim_waits_in_suspense_and_a_replaced_slip_still_pays_its_claim() -> None:
    first, second, _third = slips()
    levy_reverse(["D-N000000001-1"], dedupe_key="recall", occurred_on=date(2026, 6, 20), actor="staff:1")
    charge = second.lines.get().charge
    slip_issue_many([SlipRequest((charge.id,), date(2027, 5, 31))], issued_on=date(2026, 6, 20))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("withdrawn", "replaced")
    bring("cvs_csv", CVS.write([store_line(first), store_line(second)]))
    assert [(s.reason, s.remaining_yen) for s in Suspense.objects.all()] == [("charge_closed", 7000)]
    assert (balance("cash_in"), balance("receivable")) == (14_000, 7000)


def test_day_of_payment_in_the_future_waits_in_suspense() -> None:
    bring("cvs_csv", CVS.write([store_line(slips()[0], paid_date="20270625")]))
    assert Suspense.objects.get().reason == "future_date"


@pytest.mark.parametrize("order", [("01", "02", "03"), ("03", "02", "01"), ("02", "01", "03"), ("01", "03", "02")])
def test_report_confirmation_and_withdrawal_in_files_of_their_own_post_once_in_any_order(
    order: tuple[str, ...],
) -> None:
    slip = slips()[0]
    for number, kind in enumerate(order):
        bring("cvs_csv", CVS.write([store_line(slip, kind)]), name=f"{number}.csv")
    assert (balance("cash_in"), balance("receivable")) == (7000, 14_000)
    assert Receipt.objects.get().state == "confirmed"


@pytest.mark.req("R-005")
def test_a_file_of_a_closed_period_is_refused_whole_and_taken_in_after_the_closing_is_lifted() -> None:
    """One of its payments was credited in June; June is closed. No yen is lost: the run goes on once it is open."""
    first, second, _third = slips()
    content = CVS.write([store_line(first, created="20260629", transfer_date="20260629"), store_line(second)])
    closing = PeriodClosing.objects.create(
        span="day", first_on=date(2026, 6, 30), last_on=date(2026, 6, 30), transfers=0, yen=0, seal="0" * 64,
        closed_by="staff:2001", closed_at=clock.now(),
    )  # fmt: skip
    waiting = take("B-CL-10", "cvs_csv", content, ARRIVED_ON)
    run = JobRun.objects.latest("pk")
    assert (waiting.state, run.state) == (State.STAGED, "failed")
    assert "締め済み" in "".join(run.log_lines.values_list("text_ja", flat=True)) + run.message
    assert not Receipt.objects.exists()
    period_reopen(closing.pk, reason="収納データの遅れ", actor="staff:2002")
    with at_desk(ARRIVED_ON):
        job_resume(run.pk, inline=True)
    waiting.refresh_from_db()
    assert waiting.state == State.APPLIED
    assert sum(receipt.amount_yen for receipt in Receipt.objects.all()) == 14_000
