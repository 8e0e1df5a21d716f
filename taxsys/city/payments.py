"""How the city pays: an outsider reads the slip list and the debit request, and money comes back through its channels.

Every choice is drawn from a lot of its own, made from the seed and the slip's key: the same slips in any order and cut
of time give the same payments. A realistic share goes wrong: late, short, twice, withdrawn, unknown.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

# Shares of 1,000 slips.
_NEVER_PAYS, _LATE, _DOUBLE, _SHORT, _WITHDRAWN, _WRONG_KEY = 55, 60, 8, 3, 5, 2
_CVS_SHARE = 600
CONVENIENCE_CHAINS = (("010", "ｾﾌﾞﾝ"), ("020", "ﾛｰｿﾝ"), ("030", "ﾌｧﾐﾏ"), ("760", "ｾｲｺｰﾏｰﾄ"), ("820", "PayPay"))
APP_CHANNELS = ("01", "02", "04", "05")


@dataclass(frozen=True, slots=True)
class SlipSeen:
    """What is printed on a slip, as its holder reads it."""

    case_key: str
    confirm_no: str
    barcode: str
    amount_yen: int
    due_on: date
    got_on: date
    is_withholder: bool = False

    @classmethod
    def from_record(
        cls, record: Mapping[str, object], *, withholder_item_codes: frozenset[str], got_on: date
    ) -> "SlipSeen":
        """From one record of the slip list (layout `local_kyotsu_nofu_slip`) whose slips are in hand on `got_on`."""
        due = record["due_on"]
        return cls(
            case_key=str(record["case_key"]),
            confirm_no=str(record["confirm_no"]),
            barcode=str(record.get("cvs_barcode") or ""),
            amount_yen=int(str(record["amount"])),
            due_on=due if isinstance(due, date) else date.fromisoformat(str(due)),
            got_on=got_on,
            is_withholder=str(record["item_code"]) in withholder_item_codes,
        )


@dataclass(frozen=True, slots=True)
class Payment:
    """One act of paying. `confirmed_on` is when the channel reports it for good; `withdrawn_on` takes it back."""

    slip: SlipSeen
    channel: str
    paid_on: date
    amount_yen: int
    reported_on: date
    confirmed_on: date
    serial: str
    withdrawn_on: date | None = None
    case_key: str = ""


def payments_of(slips: Iterable[SlipSeen], *, seed: int) -> Iterator[Payment]:
    """Everything the holders of these slips will pay, ever (the caller cuts it by date)."""
    for slip in slips:
        draw = Random(f"pay/{seed}/{slip.case_key}")
        if slip.is_withholder:
            yield from _withholder(slip, draw)
        else:
            yield from _taxpayer(slip, draw)


def _withholder(slip: SlipSeen, draw: Random) -> Iterator[Payment]:
    lot = draw.randrange(1000)
    if lot < 12:
        return
    day = slip.due_on - timedelta(days=draw.randint(0, 9)) if lot >= 40 else slip.due_on + timedelta(days=7)
    amount = slip.amount_yen - 1000 if 40 <= lot < 44 and slip.amount_yen > 5000 else slip.amount_yen
    yield _payment(slip, "portal", day, amount, draw)


def _taxpayer(slip: SlipSeen, draw: Random) -> Iterator[Payment]:
    lot = draw.randrange(1000)
    if lot < _NEVER_PAYS:
        return
    if lot < _NEVER_PAYS + _LATE:
        day = slip.due_on + timedelta(days=draw.randint(1, 70))
    else:
        day = slip.due_on - timedelta(days=min(18, int(draw.expovariate(0.16))))
    if day < slip.got_on:
        # A slip that comes after its due date is paid within days, or not at all.
        day = slip.got_on + timedelta(days=draw.randint(1, 12))
    channel = "cvs" if slip.barcode and draw.randrange(1000) < _CVS_SHARE else "portal"
    fault = draw.randrange(1000)
    if fault < _DOUBLE:
        yield _payment(slip, channel, day, slip.amount_yen, draw)
        yield _payment(slip, "portal", day + timedelta(days=1), slip.amount_yen, draw, mark="2")
    elif fault < _DOUBLE + _SHORT:
        yield _payment(slip, "portal", day, max(100, slip.amount_yen - 1000), draw)
    elif fault < _DOUBLE + _SHORT + _WITHDRAWN:
        first = _payment(slip, channel, day, slip.amount_yen, draw, withdrawn=True)
        yield first
        yield _payment(slip, channel, day + timedelta(days=6), slip.amount_yen, draw, mark="2")
    elif fault < _DOUBLE + _SHORT + _WITHDRAWN + _WRONG_KEY and channel == "portal":
        yield _payment(slip, "portal", day, slip.amount_yen, draw, case_key=f"9{slip.case_key[1:]}")
    else:
        yield _payment(slip, channel, day, slip.amount_yen, draw)


def _payment(
    slip: SlipSeen, channel: str, day: date, amount_yen: int, draw: Random, *,
    mark: str = "1", withdrawn: bool = False, case_key: str = "",
) -> Payment:  # fmt: skip
    return Payment(
        slip=slip,
        channel=channel,
        paid_on=day,
        amount_yen=amount_yen,
        reported_on=day + timedelta(days=1),
        confirmed_on=day + timedelta(days=draw.randint(8, 11)),
        serial=f"{slip.case_key}{mark}",
        withdrawn_on=day + timedelta(days=2) if withdrawn else None,
        case_key=case_key or slip.case_key,
    )


def convenience_records(payments: Iterable[Payment], *, since: date, until: date) -> Iterator[dict[str, str]]:
    """速報・確報・取消 lines (layout `cvs_csv_profile`) created in [since, until), oldest first."""
    lines: list[tuple[date, str, dict[str, str]]] = []
    for payment in payments:
        if payment.channel != "cvs":
            continue
        events = [("01", payment.reported_on)]
        events.append(("03", payment.withdrawn_on) if payment.withdrawn_on else ("02", payment.confirmed_on))
        lines.extend(
            (created, f"{payment.serial}{kind}", _convenience_line(payment, kind, created))
            for kind, created in events
            if since <= created < until
        )
    for _created, _key, line in sorted(lines, key=lambda entry: entry[:2]):
        yield line


def _convenience_line(payment: Payment, kind: str, created: date) -> dict[str, str]:
    draw = Random(payment.serial)
    chain, name = draw.choice(CONVENIENCE_CHAINS)
    barcode = payment.slip.barcode
    return {
        "kind": kind,
        "paid_date": payment.paid_on.strftime("%Y%m%d"),
        "paid_hhmm": f"{draw.randint(6, 22):02d}{draw.randint(0, 59):02d}",
        "barcode": f"EAN{barcode}",
        "user1": barcode[13:19],
        "user2": barcode[19:30],
        "stamp_flag": barcode[36],
        "amount": f"{payment.amount_yen:06d}",
        "cvs": chain,
        "cvs_name": name,
        "store": f"{draw.randint(1, 999999):06d}",
        "transfer_date": created.strftime("%Y%m%d") if kind == "02" else "0",
        "created": created.strftime("%Y%m%d"),
    }


def portal_records(
    payments: Iterable[Payment], *, municipality_code: str, since: date, until: date
) -> Iterator[dict[str, str]]:
    """共通納税 results (layout `local_kyotsu_nofu_result`) confirmed in [since, until)."""
    chosen = [p for p in payments if p.channel == "portal" and since <= p.confirmed_on < until]
    for payment in sorted(chosen, key=lambda entry: (entry.confirmed_on, entry.serial)):
        if payment.withdrawn_on:
            continue
        draw = Random(payment.serial)
        yield {
            "notice_kind": "02",
            "payment_no": f"K{payment.serial}",
            "municipality_code": municipality_code,
            "case_key": payment.case_key,
            "confirm_no": payment.slip.confirm_no,
            "channel": draw.choice(APP_CHANNELS),
            "bank_code": "0001",
            "branch_code": "001",
            "paid_on": payment.paid_on.isoformat(),
            "paid_at": f"{payment.paid_on.isoformat()}T12:{draw.randint(0, 59):02d}:00+09:00",
            "amount": str(payment.amount_yen),
            "remitted_on": payment.confirmed_on.isoformat(),
            "remit_no": f"S{payment.confirmed_on:%Y%m%d}",
            "fee": "0",
        }
