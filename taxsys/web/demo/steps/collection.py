"""収納: mandates, slips with their list to the portal, and the money of the year in the order of its days.

Money comes as in life: convenience stores and the portal each month, the bank's answer after each due date and after
the second attempt, and now and then a file that must not be taken: the same one again, or one cut short.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from django.db.models import Sum

from collection.models import (
    Charge,
    DebitMandate,
    DebitRequest,
    DebitRequestState,
    Overpayment,
    Receipt,
    Slip,
    Suspense,
)
from collection.params import debit_plan
from collection.rules.due_dates import debit_day
from collection.selectors.proofs import prove_ledger
from taxsys.city.banking import branch_records, debit_answer, mandate_records
from taxsys.city.deliveries import CityFile, city_file
from taxsys.city.payments import Payment, SlipSeen, convenience_records, payments_of, portal_records
from taxsys.kernel.calendar import add_business_days
from taxsys.platform.files import layouts
from taxsys.platform.files.errors import FileRefused
from taxsys.platform.files.models import OutgoingFile, ReceivedFile
from taxsys.web.demo.walk import MUNICIPALITY, TAX_YEAR, Demo, DemoStopped

JOBS = {
    "cvs_csv": "B-CL-10",
    "local_kyotsu_nofu_result": "B-CL-11",
    "local_ginko": "B-CL-25-B",
    "local_koza_irai": "B-CL-25",
    "zengin_91": "B-CL-02",
}
SLIP_LIST, DEBIT_REQUEST = "local_kyotsu_nofu_slip", "zengin_91"
STAGE = "収納"
# 税目・料金番号 of the withholders' monthly slips.
WAGE_ITEMS = frozenset({"011"})
MANDATES_ON = date(TAX_YEAR, 4, 10)
SLIPS_ON = date(TAX_YEAR, 6, 8)
SETTLEMENT_DAYS = tuple(date(TAX_YEAR, month, day) for month, day in (
    (6, 9), (7, 15), (8, 15), (9, 15), (10, 15), (11, 20),
))  # fmt: skip
REQUEST_DAYS_BEFORE, ANSWER_DAYS_AFTER = 10, 3


def mandates(demo: Demo) -> None:
    """The banks' branches, and who has asked the bank to pay: the list of accepted applications of the spring."""
    records = mandate_records(demo.deliveries.people)
    files = [
        city_file("ginko", "local_ginko", branch_records(), "金融機関データ提供者", MANDATES_ON),
        city_file("koza_irai", "local_koza_irai", records, "収納代理金融機関", MANDATES_ON),
    ]
    demo.take_in(files, JOBS)


def slips(demo: Demo) -> None:
    """Slips of every method; what the city sees of them is the list that went out."""
    with demo.timed("納付書"):
        _issue(demo, SLIPS_ON, ("ordinary", "wage"))
    demo.handled("納付書", Slip.objects.count())


def slips_again(demo: Demo, day: date) -> None:
    """Slips of charges whose amount changed, in place of those that the change made void."""
    with demo.timed("納付書"):
        _issue(demo, day, ("ordinary", "wage"))


def _issue(demo: Demo, day: date, methods: tuple[str, ...]) -> None:
    """Issue what has no slip yet; the holders draw at once when and how they will pay."""
    for method in methods:
        demo.job("B-CL-14", {"tax_year": TAX_YEAR, "method": method}, day)
        name = f"nofu_{method}_{day:%Y%m%d}.csv"
        for issued in OutgoingFile.objects.filter(kind=SLIP_LIST, name=name):
            records = layouts.get(SLIP_LIST).parse(issued.open_bytes()).records
            seen = [
                SlipSeen.from_record(record.values, withholder_item_codes=WAGE_ITEMS, got_on=day) for record in records
            ]
            _acts(demo).extend(payments_of(seen, seed=demo.seed))


def _acts(demo: Demo) -> list[Payment]:
    acts = demo.notes.setdefault("payments", [])
    assert isinstance(acts, list)
    return acts


class Money:
    """The money of the year up to a day: a step that goes on where the one before it stopped."""

    def __init__(self, until: date) -> None:
        self.until = until

    def __call__(self, demo: Demo) -> None:
        """Everything that comes in after the last such step and not later than `until`, day by day."""
        since = demo.notes.get("money_until", date.min)
        assert isinstance(since, date)
        before = Receipt.objects.count()
        with demo.timed(STAGE):
            for day, kind, due_on, attempt_no in sorted(_calendar()):
                if since < day <= self.until:
                    _ACTS[kind](demo, day, due_on, attempt_no)
        demo.notes["money_until"] = self.until
        demo.handled(STAGE, Receipt.objects.count() - before)


# (day, what happens, due date, attempt)
Event = tuple[date, str, date, int]


def _calendar() -> Iterator[Event]:
    """Settlements of stores and portal, and request, answer and slips after a failure for each due date."""
    for day in SETTLEMENT_DAYS[1:]:
        yield day, "settle", day, 0
    plan = debit_plan()
    dues = Charge.objects.filter(method="ordinary", tax_year=TAX_YEAR).values_list("due_on", flat=True).distinct()
    for due_on in sorted(dues):
        answered = due_on - timedelta(days=REQUEST_DAYS_BEFORE + 1)
        for attempt_no in range(1, plan.max_attempts + 1):
            debit_on = debit_day(due_on, attempt_no, retry_days_after=plan.retry_days_after)
            yield (
                max(answered + timedelta(days=1), debit_on - timedelta(days=REQUEST_DAYS_BEFORE)),
                "ask",
                due_on,
                attempt_no,
            )
            answered = add_business_days(debit_on, ANSWER_DAYS_AFTER)
            yield answered, "answer", due_on, attempt_no
        yield answered, "slips", due_on, 0


def _settle(demo: Demo, until: date, _due_on: date, _attempt_no: int) -> None:
    since = {later: earlier for earlier, later in pairwise(SETTLEMENT_DAYS)}[until]
    acts = _acts(demo)
    stores = convenience_records(acts, since=since, until=until)
    portal = portal_records(acts, municipality_code=MUNICIPALITY, since=since, until=until)
    for layout, records, sender in (
        ("cvs_csv", list(stores), "収納代行"),
        ("local_kyotsu_nofu_result", list(portal), "地方税共同機構"),
    ):
        if records:
            file = city_file(f"{layout}_{until:%Y%m%d}", layout, records, sender, until, channel="line")
            demo.take_in([file], JOBS)
            if layout == "cvs_csv" and until == SETTLEMENT_DAYS[2]:
                _again(demo, file)


def _again(demo: Demo, file: CityFile) -> None:
    """The agent sends the same file a second time; the receipt refuses it."""
    try:
        demo.receive(file)
    except FileRefused as refusal:
        demo.say(f"  {file.arrives_on} 受付不可 {refusal.code} {file.name}: {refusal.message_ja}")
    else:
        raise DemoStopped(f"{file.name} が二度受け付けられました。")


def _failed(due_on: date, attempt_no: int) -> bool:
    """Whether the bank could not draw from somebody at an attempt."""
    return DebitRequest.objects.filter(
        charge__due_on=due_on, batch__attempt_no=attempt_no, state=DebitRequestState.FAILED
    ).exists()


def _ask(demo: Demo, day: date, due_on: date, attempt_no: int) -> None:
    """The request of a due date; the second one only where the first could not draw from everybody."""
    if attempt_no > 1 and not _failed(due_on, attempt_no - 1):
        return
    run = demo.job("B-CL-01", {"due_on": due_on, "attempt_no": attempt_no}, day)
    demo.release(run, who=demo.cashier_chief)


def _answer(demo: Demo, day: date, due_on: date, attempt_no: int) -> None:
    """The bank answers the request it was sent; its first answer of the year comes cut short, then whole."""
    debit_on = debit_day(due_on, attempt_no, retry_days_after=debit_plan().retry_days_after)
    name = f"irai_91_{debit_on:%Y%m%d}_{attempt_no}.txt"
    asked = OutgoingFile.objects.filter(kind=DEBIT_REQUEST, name=name).first()
    if asked is None:
        return
    content = debit_answer(asked.open_bytes(), seed=demo.seed)
    edition = layouts.get(DEBIT_REQUEST).edition
    is_first = not ReceivedFile.objects.filter(format=DEBIT_REQUEST).exists()
    sent = [("_", content[: len(content) // 2]), ("", content)] if is_first else [("", content)]
    for mark, part in sent:
        name = f"kekka_91_{debit_on:%Y%m%d}_{attempt_no}{mark}.txt"
        demo.take_in([CityFile(name, DEBIT_REQUEST, edition, "収納代理金融機関", "line", day, part)], JOBS)
        for refused in ReceivedFile.objects.filter(name=name, state=ReceivedFile.State.QUARANTINED):
            demo.say(f"  {day} 受付不可 {refused.refusal_code} {name}: {refused.refusal_message}")


def _late_slips(demo: Demo, day: date, due_on: date, _attempt_no: int) -> None:
    """Whom the bank could not draw from gets a slip after the last attempt."""
    if not _failed(due_on, 1):
        return
    _issue(demo, day, ("ordinary",))


_ACTS = {"settle": _settle, "ask": _ask, "answer": _answer, "slips": _late_slips}


def prove(demo: Demo) -> None:
    """The nightly proof: the books agree to the yen; then they are summed for the screens of the rates."""
    with demo.timed("元帳の証明"):
        demo.job("B-CL-29", {}, SETTLEMENT_DAYS[-1])
        if not prove_ledger().is_ok:
            raise DemoStopped("元帳の証明に差異があります。manage.py prove ledger で確かめてください。")
        demo.job("B-CL-18", {}, SETTLEMENT_DAYS[-1])


def rows() -> list[tuple[str, str]]:
    """Mandates, slips, receipts, suspense, overpayments."""
    paid = Receipt.objects.filter(state="confirmed").aggregate(yen=Sum("amount_yen"))["yen"] or 0
    asked = DebitRequest.objects.all()
    return [
        ("口座振替", f"申込{DebitMandate.objects.count():,}件 依頼{asked.count():,}件 "
                   f"不能{asked.filter(state='failed').count():,}件"),
        ("納付書", f"{Slip.objects.count():,}枚"),
        ("収納", f"{Receipt.objects.count():,}件 {paid:,}円"),
        ("仮受(不明金)", f"{Suspense.objects.count():,}件"),
        ("過誤納", f"{Overpayment.objects.count():,}件"),
    ]  # fmt: skip
