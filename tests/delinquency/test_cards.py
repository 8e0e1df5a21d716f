"""The card that is posted: text from real rows, amounts against the ledger, protected people in the house (R-101)."""

from collections.abc import Callable
from datetime import date

import pytest

from addressbook.models import Address
from collection.models import Charge
from delinquency.errors import ReminderRefused
from delinquency.models import Reminder
from delinquency.papers.reminder import ReminderDrawer
from delinquency.services.cards import SETTLED, reminder_keys, reminder_pieces
from delinquency.services.reminders import reminder_withdraw
from taxsys.platform.jobs.errors import JobRefused
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.printing import services, store
from taxsys.platform.printing.engine import Book
from taxsys.platform.printing.models import PackageState, PrintPackage
from tests.addressbook.people import protect
from tests.delinquency.conftest import EXTRACTED_ON, ISSUED_ON, at_desk, debtor, pay
from tests.printing.conftest import flat, page_texts

pytestmark = [pytest.mark.req("R-101"), pytest.mark.req("R-115")]
Extract, Release, Runner = Callable[..., JobRun], Callable[[JobRun], JobRun], Callable[..., JobRun]

GOLDEN = (
    "督促状", "2026-DN-0000001", "架空花子", "北海道旭川市四条通八丁目1番3号", "令和8年7月17日", "旭川市長見本太郎",
    "下記の税金が納期限を過ぎても納付されていません。", "市民税・道民税・森林環境税", "令和8年度第1期",
    "2026-10-0000001",
    "令和8年6月30日", "未納税額", "督促手数料", "7,000円",
    "この督促状を発した日から起算して10日を経過した日までに完納されないときは、地方税法第331条第１項の規定により",
    "この督促に不服があるときは", "納付書の取扱期限令和9年5月31日",
)  # fmt: skip


def printed(job: Runner) -> JobRun:
    return job("B-CL-13", {"issued_on": ISSUED_ON.isoformat()}, EXTRACTED_ON)


def test_the_card_says_what_the_row_and_the_law_say(extract: Extract, release: Release) -> None:
    debtor(1, name="架空　花子")
    release(extract())
    (piece,) = reminder_pieces(reminder_keys(ISSUED_ON))
    book = Book(title="督促状")
    ReminderDrawer().draw(book, piece.paper)
    text = flat(page_texts(book.finish())[0])
    assert [line for line in GOLDEN if flat(line) not in text] == []
    assert (piece.amount_yen, piece.notice_no, piece.item_key) == (7000, "2026-10-0000001", "2026-DN-0000001")
    assert piece.paper.slip is not None
    assert piece.cvs44 == piece.paper.slip.cvs44


def test_the_cards_of_a_day_become_one_package_in_two_hands(extract: Extract, release: Release, job: Runner) -> None:
    for no in (1, 2, 3):
        debtor(no)
    release(extract())
    run = printed(job)
    package = PrintPackage.objects.get(job_run_id=run.pk)
    assert (package.state, package.pieces, package.built_by) == (PackageState.BUILT, 3, "2001")
    assert all(gate.ok for gate in run.gates.all())
    release(run)
    package.refresh_from_db()
    assert (package.state, package.released_by) == (PackageState.RELEASED, "2002")


@pytest.mark.req("N-095")
def test_a_protected_debtors_card_is_made_in_the_house_and_not_in_the_contractors_file(
    extract: Extract, release: Release, job: Runner
) -> None:
    victim, _charges = debtor(1, address_text="北海道旭川市秘密町1番地")
    protect(victim)
    debtor(2)
    Address.objects.update(zip="0700034")
    release(extract())
    package = PrintPackage.objects.get(job_run_id=printed(job).pk)
    assert (package.protected_pieces, package.items.get(is_protected=True).batch) == (1, "inhouse")
    data = next(path for path in store.root().rglob("*.csv") if path.name != "index.csv" and "L-CL" in path.name)
    content = data.read_bytes()
    assert b"R00000000000002" in content
    assert victim.person_no.encode() not in content
    assert all("秘密町".encode(encoding) not in content for encoding in ("utf-8", "cp932"))


@pytest.mark.req("I7")
def test_who_pays_before_the_post_gets_no_card(extract: Extract, release: Release, job: Runner) -> None:
    _one, first = debtor(1)
    _two, second = debtor(2)
    debtor(3)
    release(extract())
    pay(first[0], 7000, ISSUED_ON)
    run = printed(job)
    package = PrintPackage.objects.get(job_run_id=run.pk)
    assert list(package.items.values_list("item_key", flat=True)) == ["2026-DN-0000002", "2026-DN-0000003"]
    pay(second[0], 7000, ISSUED_ON)
    release(run)
    package.refresh_from_db()
    assert (package.pulled_pieces, package.items.get(item_key="2026-DN-0000002").pull_reason) == (1, SETTLED)
    states = dict(Reminder.objects.values_list("reminder_no", "state"))
    assert states == {"2026-DN-0000001": "withdrawn", "2026-DN-0000002": "withdrawn", "2026-DN-0000003": "issued"}


@pytest.mark.req("I7")
def test_a_claim_settled_while_the_cards_are_made_turns_the_gate_red(
    extract: Extract, release: Release, job: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    _one, first = debtor(1)
    debtor(2)
    Address.objects.update(zip="0700034")
    release(extract())
    genuine = services.package_close

    def paid_at_the_last_moment(package_id: int, **options: str) -> PrintPackage:
        pay(first[0], 7000, ISSUED_ON)
        return genuine(package_id, **options)

    monkeypatch.setattr(services, "package_close", paid_at_the_last_moment)
    run = printed(job)
    assert {gate.gate_id for gate in run.gates.filter(ok=False)} == {"every_piece", "sums_are_the_claims"}
    with pytest.raises(JobRefused):
        release(run)
    assert set(Reminder.objects.values_list("state", flat=True)) == {"issued"}


def test_a_withdrawn_reminder_has_no_card(extract: Extract, release: Release) -> None:
    debtor(1)
    release(extract())
    keys = reminder_keys(ISSUED_ON)
    with at_desk(date(2026, 7, 17), "2002"):
        reminder_withdraw(Reminder.objects.get().pk, reason_ja="発付前に納付されていた")
    assert reminder_keys(ISSUED_ON) == []
    with pytest.raises(ReminderRefused):
        reminder_pieces(keys)


def test_cards_are_loaded_with_a_fixed_number_of_queries(
    extract: Extract, release: Release, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for no in range(1, 7):
        debtor(no)
    release(extract())
    keys = reminder_keys(ISSUED_ON)
    with django_assert_max_num_queries(24):  # type: ignore[attr-defined]
        assert len(reminder_pieces(keys)) == 6
    assert Charge.objects.count() == 12
