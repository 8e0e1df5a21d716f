"""Money that comes in: stores, portal, bank, counter, employers, pension payers; late, twice, wrong and unknown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

from django.conf import settings

from collection.models import DebitRequest
from collection.services.imports import PlainRecord, receipts_import_withheld
from collection.services.receipts import ReceiptFileFacts
from collection.services.till import CounterPayment, counter_payment_take
from taxsys.platform.files import layouts
from taxsys.platform.files.errors import DuplicateFile
from taxsys.platform.files.models import OutgoingFile, ReceivedFile
from taxsys.platform.files.services import file_receive
from taxsys.platform.jobs.services import job_release
from tests.simulation.levies import DUES
from tests.simulation.model import INTEREST, PRINCIPAL, Claim, Report, SlipSheet
from tests.simulation.world import World

ZENGIN = layouts.get("zengin_91")


def later(day: date, least: int, most: int, rng: Random) -> date:
    """Some days later."""
    return day + timedelta(days=rng.randint(least, most))


def post(world: World, channel: str, arrives: date, record: dict[str, Any], report: Report) -> None:
    """Put a record on its way; it comes with the channel's next file from that day on."""
    world.mail.setdefault(channel, []).append((arrives, record, report))


# --- how people pay ---------------------------------------------------------------------------------------------------


def pay(world: World, rng: Random) -> bool:
    """Somebody pays a slip that lies in the house: mostly one in circulation, now and then an old or a paid one."""
    slips = list(world.books.slips.values())
    owed = [one for one in slips if one.state == "active" and _due_soon(world, one)]
    slip = rng.choice(owed) if owed and rng.random() < 0.9 else rng.choice(slips) if slips else None
    if slip is None:
        return False
    if slip.barcode and rng.random() < 0.6:
        _at_store(world, slip, rng)
    else:
        _at_portal(world, slip, rng)
    return True


def _due_soon(world: World, slip: SlipSheet) -> bool:
    return any(world.books.claims[line[0]].due <= world.today + timedelta(days=25) for line in slip.lines)


def _store_line(slip: SlipSheet, kind: str, paid_on: date, created: date, yen: int, n: int, barcode: str) -> dict:
    return {
        "kind": kind, "paid_date": f"{paid_on:%Y%m%d}", "paid_hhmm": f"{n % 24:02d}{n % 60:02d}",
        "barcode": f"EAN{barcode}", "user1": barcode[13:19], "user2": barcode[19:30], "stamp_flag": "0",
        "amount": f"{yen:06d}", "cvs": "010", "cvs_name": "模擬店", "store": f"{n % 1_000_000:06d}",
        "transfer_date": "0", "created": f"{created:%Y%m%d}",
    }  # fmt: skip


def _at_store(world: World, slip: SlipSheet, rng: Random) -> None:
    """速報, then 確報 or 取消; sometimes a wrong amount, an unknown code, the postal way with a correction."""
    n, paid = world.number(), world.today
    yen = slip.amount if rng.random() < 0.93 else max(1, slip.amount + rng.choice((-1, 1, 1000)))
    yen = min(yen, 999_999)
    unknown = rng.random() < 0.04
    barcode = "91" + "9" * 42 if unknown else slip.barcode
    store, no = f"{n % 1_000_000:06d}", "" if unknown else slip.no

    def send(kind: str, arrives: date, name: str, key: str, amount: int) -> None:
        line = _store_line(slip, kind, paid, arrives, amount, n, barcode)
        post(world, "cvs", arrives, line, Report(("cvs", key), name, amount, paid, arrives, slip=no))

    if rng.random() < 0.08:  # 郵便振替, and half of them corrected by 訂正
        send("12", later(paid, 3, 6, rng), "confirmed", f"12:{barcode}:{paid:%Y%m%d}", yen)
        if rng.random() < 0.5:
            arrives = later(paid, 5, 30, rng)
            line = _store_line(slip, "22", paid, arrives, slip.amount, n, barcode)
            old = Report(("cvs", f"12:{barcode}:{paid:%Y%m%d}"), "corrected", slip.amount, paid, arrives, slip=no)
            new = Report(("cvs", f"22:{barcode}:{paid:%Y%m%d}"), "confirmed", slip.amount, paid, arrives, slip=no)
            world.mail.setdefault("cvs", []).append((arrives, line, old))
            world.mail["cvs"].append((arrives, {}, new))
        return
    key = f"{barcode}:{paid:%Y%m%d}{n % 24:02d}{n % 60:02d}:{store}"
    kinds = [("01", "preliminary", later(paid, 1, 2, rng)), ("02", "confirmed", later(paid, 3, 9, rng))]
    lot = rng.random()
    if lot < 0.05:
        kinds[1] = ("03", "lifted", kinds[1][2])
    elif lot < 0.1:
        kinds.append(("03", "lifted", later(paid, 1, 12, rng)))
    elif lot < 0.2:
        kinds.append(("02", "confirmed", later(paid, 3, 20, rng)))
    elif lot < 0.25:
        kinds.pop(0)
    for kind, name, arrives in kinds:
        send(kind, arrives, name, key, yen)


def _at_portal(world: World, slip: SlipSheet, rng: Random) -> None:
    """共通納税: 02, sometimes 01 before, 03 for it, 04 in its place; part payments and too much are possible here."""
    n, paid = world.number(), world.today
    yen = slip.amount if rng.random() < 0.8 else max(1, slip.amount + rng.choice((-1000, -1, 1, 500, slip.amount)))
    if rng.random() < 0.05:
        yen = max(1, slip.amount // 3)
    no, key = (slip.no, slip.el_key) if rng.random() < 0.97 else ("", "0000" + "9" * 16)
    if rng.random() < 0.02:
        paid = paid + timedelta(days=20)  # a date in the future
    remitted = later(world.today, 2, 7, rng)

    def send(kind: str, arrives: date, name: str, number: str, amount: int, cancels: str = "") -> None:
        record = {
            "notice_kind": kind, "payment_no": number, "municipality_code": settings.TAXSYS_MUNICIPALITY_CODE,
            "case_key": key, "channel": "01", "paid_on": paid, "amount": amount, "remitted_on": remitted,
        }  # fmt: skip
        if cancels:
            record["cancels"] = cancels
        at = cancels if name in ("lifted", "corrected") else number
        post(world, "common", arrives, record, Report(("common", at), name, amount, paid, remitted, slip=no))

    number = f"{world.tag}K{n}"
    lot = rng.random()
    if lot < 0.2:
        send("01", later(world.today, 1, 2, rng), "preliminary", number, yen)
        if lot < 0.05:
            send("03", later(world.today, 2, 9, rng), "lifted", f"{number}X", yen, number)
            return
    send("02", later(world.today, 2, 6, rng), "confirmed", number, yen)
    if lot > 0.93:
        send("02", later(world.today, 2, 20, rng), "confirmed", number, yen)
    elif lot > 0.88:
        arrives = later(world.today, 4, 40, rng)
        send("04", arrives, "corrected", f"{number}C", slip.amount, number)
        replaced = Report(("common", f"{number}C"), "confirmed", slip.amount, paid, remitted, slip=no)
        world.mail["common"].append((arrives, {}, replaced))


def double(world: World, rng: Random) -> bool:
    """The same slip is paid in two channels on one day."""
    slips = [one for one in world.books.slips.values() if one.state == "active" and one.barcode]
    if not slips:
        return False
    slip = rng.choice(slips)
    _at_store(world, slip, rng)
    _at_portal(world, slip, rng)
    return True


# --- files that arrive ------------------------------------------------------------------------------------------------

FORMATS = {"cvs": ("B-CL-10", "cvs_csv"), "common": ("B-CL-11", "local_kyotsu_nofu_result")}


def arrive(channel: str) -> Callable[[World, Random], bool]:
    """The file of a channel with everything that is there by today, in a shuffled order; sometimes sent twice."""

    def event(world: World, rng: Random) -> bool:
        box = world.mail.get(channel, [])
        here = [one for one in box if one[0] <= world.today]
        if not here:
            return False
        world.mail[channel] = [one for one in box if one[0] > world.today]
        groups: list[list[Any]] = []
        for one in here:  # a record that says two things stays together
            if one[1]:
                groups.append([one])
            else:
                groups[-1].append(one)
        rng.shuffle(groups)
        records = [group[0][1] for group in groups]
        reports = [one[2] for group in groups for one in group]
        content = layouts.get(FORMATS[channel][1]).write(records)
        world.both(lambda: None, lambda: world.books.take(reports, world.today), rng)
        try:
            received = world.file(FORMATS[channel][0], FORMATS[channel][1], content, rng)
        except DuplicateFile:
            return True  # nothing in it but what an earlier file had: the model has learnt nothing new either
        if received.state not in (ReceivedFile.State.APPLIED, ReceivedFile.State.PARTLY_APPLIED):
            raise AssertionError(f"{received.name}: {received.state} {received.refusal_code}")
        if rng.random() < 0.1:
            _sent_twice(world, channel, content)
        return True

    event.__name__ = f"{channel}_file"
    return event


def _sent_twice(world: World, channel: str, content: bytes) -> None:
    try:
        with world.desk():
            file_receive(
                name=f"again_{world.number()}.txt", content=content, format=FORMATS[channel][1], sender="模擬",
                channel="line",
            )  # fmt: skip
    except DuplicateFile:
        return
    raise AssertionError("the same file was received twice")


# --- counter ----------------------------------------------------------------------------------------------------------


def counter(world: World, rng: Random) -> bool:
    """窓口: in full, in part, too much; the button pressed twice."""
    claims = [one for one in world.books.claims.values() if one.is_active and not one.is_pension and not one.shares]
    owing = [one for one in claims if sum(one.open.values())]
    if not claims:
        return False
    claim = rng.choice(owing) if owing and rng.random() < 0.9 else rng.choice(claims)
    borne = claim.interest(world.today)
    due = claim.open[PRINCIPAL] + sum(claim.open.values()) - claim.open[PRINCIPAL]
    due += max(0, borne - claim.raised[INTEREST])
    yen = rng.choice((due, due, due, claim.open[PRINCIPAL], due // 2, due + 700, 1))
    if yen <= 0:
        return False
    token = f"{world.tag}{world.number()}"
    payment = CounterPayment("5001", token, world.charges[claim.key], yen, world.today, takes_excess=yen > due)

    def model() -> None:
        if yen >= claim.open[PRINCIPAL] and borne:
            claim.raise_to(INTEREST, borne)
        key = ("counter", f"till:5001:{token}")
        world.books.take(
            [Report(key, "confirmed", yen, world.today, world.today, claim=claim.key, asked=yen)], world.today
        )

    world.both(lambda: counter_payment_take(payment), model, rng, again=True)
    return True


# --- direct debit -----------------------------------------------------------------------------------------------------


def debit_ask(due: date, attempt: int) -> Callable[[World, Random], bool]:
    """口座振替依頼 of a due date; released by a second person, who finds it equal to the ledger."""

    def event(world: World, rng: Random) -> bool:
        failed = {key for key, _yen, code in world.debits.get(f"{due}:{attempt - 1}", []) if code == "1"}
        live = {key for batch in world.debits.values() for key, _yen, code in batch if code in ("", "0")}
        asked = [
            one
            for one in world.books.claims.values()
            if one.due == due and one.tax == "10" and "|ordinary|" in one.key and one.party in world.mandates
            and one.is_active and one.open[PRINCIPAL] and one.key not in live and (attempt == 1 or one.key in failed)
        ]  # fmt: skip
        run = world.job("B-CL-01", {"due_on": due, "attempt_no": attempt}, rng)
        if asked:
            with world.desk():
                job_release(run.pk, world.chief, inline=True)
        rows = DebitRequest.objects.filter(batch__debit_on=drawn_on(due, attempt), batch__attempt_no=attempt)
        given = {one.charge.business_key: one.amount_yen for one in rows.select_related("charge")}
        if given != {one.key: one.open[PRINCIPAL] for one in asked}:
            raise AssertionError(f"direct debit asks for {given}")
        world.debits[f"{due}:{attempt}"] = [[key, yen, ""] for key, yen in given.items()]
        return True

    event.__name__ = f"debit_ask_{attempt}"
    return event


def drawn_on(due: date, attempt: int) -> date:
    """The due date; the second time fourteen days later, or the next open day."""
    day = due + timedelta(days=14 * (attempt - 1))
    while attempt > 1 and (day.weekday() >= 5 or day in CLOSED):
        day += timedelta(days=1)
    return day


# Holidays of the simulated year on or just after second attempts.
CLOSED = frozenset({date(2025, 7, 21), date(2025, 9, 15), date(2025, 11, 3), date(2026, 2, 11)})


def debit_answer(due: date, attempt: int) -> Callable[[World, Random], bool]:
    """The bank's answer to what it was sent."""

    def event(world: World, rng: Random) -> bool:
        asked = world.debits.get(f"{due}:{attempt}")
        if not asked:
            return False
        drawn = drawn_on(due, attempt)
        with world.desk():
            issued = OutgoingFile.objects.get(kind="zengin_91", name=f"irai_91_{drawn:%Y%m%d}_{attempt}.txt")
            parsed = ZENGIN.parse(issued.open_bytes())
        numbers = dict(
            DebitRequest.objects.filter(batch__debit_on=drawn, batch__attempt_no=attempt).values_list(
                "customer_number", "charge_id"
            )
        )
        keys = {pk: key for key, pk in world.charges.items()}
        records, reports, sums = [], [], {"ok": [0, 0], "ng": [0, 0]}
        for record in parsed.records:
            number, yen = str(record.values["customer_number"]).strip(), int(record.values["amount"])
            code, key = rng.choice(("0", "0", "0", "1", "2")), keys[numbers[number]]
            records.append({**record.values, "result_code": code})
            found = sums["ok" if code == "0" else "ng"]
            found[0] += 1
            found[1] += yen
            next(one for one in asked if one[0] == key)[2] = code
            if code == "0":
                reports.append(Report(("debit", number), "confirmed", yen, drawn, drawn, claim=key, asked=yen))
        trailer = {f"{name}_{what}": sums[name][n] for name in sums for n, what in enumerate(("count", "amount"))}
        content = ZENGIN.write(records, header=parsed.header or {}, trailer=trailer)
        world.books.take(reports, world.today)
        received = world.file("B-CL-02", "zengin_91", content, rng)
        if received.state != ReceivedFile.State.APPLIED:
            raise AssertionError(f"{received.name}: {received.state} {received.refusal_code}")
        return True

    event.__name__ = f"debit_answer_{attempt}"
    return event


# --- withholders and pension payers -----------------------------------------------------------------------------------


def withheld(method: str) -> Callable[[World, Random], bool]:
    """Employers pay their months (short, over, several at once), pension payers theirs."""

    def event(world: World, rng: Random) -> bool:
        due = [
            one
            for one in world.books.claims.values()
            if f"|{method}|" in one.key and one.open[PRINCIPAL] and one.due <= world.today + timedelta(days=10)
        ]
        chosen = [one for one in due if rng.random() < 0.8]
        if not chosen:
            return False
        records, reports = [], []
        for line, claim in enumerate(chosen, start=1):
            records.append(_withheld_line(world, claim, line, rng))
            values = records[-1].values
            key, known = (method, str(values["payment_no"])), values["notice_no"] == claim.key.split("|")[4]
            reports.append(
                Report(key, "confirmed", values["amount"], values["paid_on"], values["account_on"],
                       claim=claim.key if known else "", asked=values["amount"])
            )  # fmt: skip
        n = world.number()
        facts = ReceiptFileFacts(
            method, f"{world.tag}{method}{n}", f"{world.seed}{method}{n}".rjust(64, "0")[-64:], world.today,
            world.today, len(records), sum(one.values["amount"] for one in records),
        )  # fmt: skip
        world.both(
            lambda: receipts_import_withheld(records, facts=facts, actor="job:sim", as_of=world.today),
            lambda: world.books.take(reports, world.today), rng,
        )  # fmt: skip
        return True

    event.__name__ = f"{method}_payers"
    return event


def _withheld_line(world: World, claim: Claim, line: int, rng: Random) -> PlainRecord:
    _tax, _levy, tax_year, _method, notice, number = claim.key.split("|")
    yen = claim.open[PRINCIPAL] + rng.choice((0, 0, 0, 0, 300, -500))
    return PlainRecord(
        line,
        {
            "payment_no": f"{world.tag}W{world.number()}", "tax_year": int(tax_year), "instalment_no": int(number),
            "notice_no": notice if rng.random() < 0.97 else "9999999", "amount": max(1, yen), "paid_on": world.today,
            "account_on": world.today,
        },
    )  # fmt: skip


DEBIT_DUES = DUES["10"]
