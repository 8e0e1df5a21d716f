"""The reference model: what the books must say, in plain dicts, after the words of the law; no product code.

One claim, one receipt, one overpayment at a time and no sets, no SQL: slow, short, and written apart from the product.
Money is int yen. Keys are business keys (`税目|賦課年度|課税年度|方法|通知書番号|期`, channel and payment number).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tests.simulation.interest import Span, late_interest

PRINCIPAL, FEE, INTEREST = ORDER = ("principal", "reminder_fee", "late_interest")
FIXED = ("cvs", "debit")
ReceiptKey = tuple[str, str]


class Refused(Exception):
    """The act must be refused, and nothing may have happened."""


@dataclass
class Claim:
    """期別債権: what was levied by part, what is open by component, and every movement of money on it."""

    key: str
    party: str
    tax: str
    due: date
    source: str
    order: int
    parts: tuple[int, int, int] = (0, 0, 0)
    is_active: bool = True
    open: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ORDER, 0))
    raised: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ORDER, 0))
    moves: list[tuple[ReceiptKey, str, date, int]] = field(default_factory=list)
    reliefs: list[Span] = field(default_factory=list)
    shares: dict[str, tuple[str, tuple[int, int, int]]] = field(default_factory=dict)

    @property
    def tax_yen(self) -> int:
        return sum(self.parts)

    @property
    def is_pension(self) -> bool:
        return "|pension|" in self.key

    def payments(self) -> list[tuple[date, int]]:
        """Payments of tax by day."""
        by_day: dict[date, int] = defaultdict(int)
        for _receipt, component, on, yen in self.moves:
            if component == PRINCIPAL:
                by_day[on] += yen
        return sorted((on, yen) for on, yen in by_day.items() if yen > 0)

    def interest(self, on: date, more: Sequence[tuple[date, int]] = ()) -> int:
        """延滞金 of the claim up to a day, levied or not."""
        return late_interest(self.tax_yen, self.due, [*self.payments(), *more], self.reliefs, on)

    def full_on(self, more: Sequence[tuple[date, int]]) -> date:
        """The day on which the tax was paid in full."""
        left, day = self.tax_yen, date.min
        for on, yen in sorted([*self.payments(), *more]):
            if left > 0:
                left, day = left - yen, on
        return day

    def raise_to(self, component: str, yen: int) -> None:
        more = max(0, yen - self.raised[component])
        self.raised[component] += more
        self.open[component] += more

    def lower(self, component: str, yen: int) -> None:
        self.raised[component] -= yen
        self.open[component] -= yen


@dataclass
class Receipt:
    key: ReceiptKey
    order: tuple[int, str]
    amount: int = 0
    paid_on: date = date.min
    account_on: date = date.min
    flags: set[str] = field(default_factory=set)
    is_posted: bool = False
    is_reversed: bool = False

    @property
    def state(self) -> str:
        if "corrected" in self.flags:
            return "withdrawn"
        if "confirmed" in self.flags:
            return "confirmed"
        return "withdrawn" if "lifted" in self.flags else "preliminary"


@dataclass
class Over:
    """過誤納."""

    party: str
    claim: str
    receipt: ReceiptKey
    cause: str
    paid_on: date
    arose_on: date
    yen: int
    remaining: int
    held: str = ""


@dataclass
class Held:
    """仮受."""

    receipt: ReceiptKey
    yen: int
    remaining: int
    reason: str
    opened_on: date

    def receipt_paid_by(self, books: Books, on: date) -> bool:
        """Whether the day of payment has come."""
        return books.receipts[self.receipt].paid_on <= on


@dataclass
class SlipSheet:
    """納付書: lines (claim, tax, fee, interest)."""

    no: str
    lines: list[tuple[str, int, int, int]]
    barcode: str
    el_key: str
    state: str = "active"

    @property
    def amount(self) -> int:
        return sum(sum(line[1:]) for line in self.lines)


@dataclass(frozen=True)
class Report:
    """One record about a payment; `target` names lines (claim, yen asked) or nothing that is known."""

    key: ReceiptKey
    kind: str
    amount: int
    paid_on: date
    account_on: date
    slip: str = ""
    claim: str = ""
    asked: int = 0


class Books:
    """The whole of what is owed, has come in, and lies here."""

    def __init__(self) -> None:
        self.claims: dict[str, Claim] = {}
        self.receipts: dict[ReceiptKey, Receipt] = {}
        self.overs: list[Over] = []
        self.helds: list[Held] = []
        self.slips: dict[str, SlipSheet] = {}
        self.cash: dict[tuple[str, date], int] = defaultdict(int)
        self.payable: dict[str, int] = defaultdict(int)
        self.paid_out: dict[date, int] = defaultdict(int)
        self.interest_cost: dict[int, int] = defaultdict(int)
        self.batches = 0
        self.reported: dict[ReceiptKey, str] = {}

    # --- levies ---------------------------------------------------------------------------------------------------

    def levy(self, claim: Claim) -> None:
        """調定 of a new claim, or of one that a recall had closed."""
        known = self.claims.get(claim.key)
        if known is None:
            claim.order = len(self.claims)
            self.claims[claim.key] = claim
            claim.open[PRINCIPAL] = claim.tax_yen
        elif known.tax_yen:
            raise Refused("調定済み")
        elif claim.tax_yen:
            known.party, known.source, known.due, known.is_active = claim.party, claim.source, claim.due, True
            known.shares = claim.shares
            self._set(known, claim.parts, date.min)

    def adjust(self, key: str, parts: tuple[int, int, int], source: str, on: date) -> None:
        """更正: what the instalment should be from now on."""
        claim = self.claims[key]
        claim.source, claim.is_active = source, True
        self._set(claim, parts, on)

    def recall(self, keys: Iterable[str], on: date) -> None:
        """調定の取消: nothing is owed any more; what is open of fees and interest falls too."""
        for key in keys:
            claim = self.claims[key]
            self._set(claim, (0, 0, 0), on)
            claim.is_active = False
            for component in (FEE, INTEREST):
                claim.lower(component, claim.open[component])

    def _set(self, claim: Claim, parts: tuple[int, int, int], on: date) -> None:
        if parts == claim.parts:
            return
        claim.open[PRINCIPAL] += sum(parts) - claim.tax_yen
        claim.parts = parts
        excess, claim.open[PRINCIPAL] = max(0, -claim.open[PRINCIPAL]), max(0, claim.open[PRINCIPAL])
        self._give_back(claim, excess, on)
        for slip in self.slips.values():
            if slip.state == "active" and any(line[0] == claim.key for line in slip.lines):
                slip.state = "withdrawn"

    def _give_back(self, claim: Claim, excess: int, on: date) -> None:
        """From the latest payment backwards (17条の4第3項)."""
        left: dict[ReceiptKey, list] = {}
        for receipt, component, paid_on, yen in claim.moves:
            if component == PRINCIPAL:
                left.setdefault(receipt, [date.min, 0])
                left[receipt][0] = max(left[receipt][0], paid_on)
                left[receipt][1] += yen
        for over in self.overs:
            if over.claim == claim.key and over.cause == "levy_reduced" and over.yen:
                left[over.receipt][1] -= over.yen
        latest_first = sorted(left.items(), key=lambda one: (one[1][0], self.receipts[one[0]].order), reverse=True)
        for receipt, (paid_on, yen) in latest_first:
            part = min(yen, excess)
            if part > 0:
                self.overs.append(Over(claim.party, claim.key, receipt, "levy_reduced", paid_on, on, part, part))
                excess -= part
        assert excess == 0, f"{claim.key}: {excess} yen are given back that nobody paid"

    # --- slips ----------------------------------------------------------------------------------------------------

    def slip_issue(self, slip: SlipSheet) -> None:
        """A new slip takes the place of those in circulation for the same claims."""
        keys = {line[0] for line in slip.lines}
        for other in self.slips.values():
            if other.state == "active" and keys & {line[0] for line in other.lines}:
                other.state = "replaced"
        self.slips[slip.no] = slip

    def settle(self, keys: Iterable[str]) -> None:
        """Slips follow their claims: paid when nothing of any of them is open."""
        touched = set(keys)
        for slip in self.slips.values():
            if slip.state in ("active", "paid") and touched & {line[0] for line in slip.lines}:
                is_open = any(sum(self.claims[line[0]].open.values()) for line in slip.lines)
                slip.state = "active" if is_open else "paid"

    # --- money in -------------------------------------------------------------------------------------------------

    def take(self, reports: Sequence[Report], on: date) -> None:
        """A file or a payment: several reports, posted together; a correction of money that went on is set aside."""
        self.batches += 1
        reports = [one for one in reports if not (one.kind == "corrected" and self._is_spent(one.key))]
        before = {key: set(one.flags) for key, one in self.receipts.items()}
        first_of: dict[ReceiptKey, Report] = {}
        for report in reports:
            if report.key not in first_of or (report.kind == "confirmed" and first_of[report.key].kind != "confirmed"):
                first_of[report.key] = report
            receipt = self.receipts.setdefault(report.key, Receipt(report.key, (self.batches, report.key[1])))
            receipt.flags.add(report.kind)
            if report.slip:
                self.reported.setdefault(report.key, report.slip)
        new = []
        for key, report in first_of.items():
            receipt, was = self.receipts[key], before.get(key, set())
            if not was or (report.kind == "confirmed" and "confirmed" not in was):
                receipt.amount, receipt.paid_on, receipt.account_on = report.amount, report.paid_on, report.account_on
            if receipt.state == "confirmed" and not receipt.is_posted:
                receipt.is_posted = True
                new.append((receipt, report))
        self._post(new, on)
        for key in sorted(first_of):
            receipt = self.receipts[key]
            if "corrected" in receipt.flags and receipt.is_posted and not receipt.is_reversed:
                self.reverse(key)

    def _is_spent(self, key: ReceiptKey) -> bool:
        """Part of this money is in a refund or was offset: it can no longer be said never to have come."""
        receipt = self.receipts.get(key)
        return (
            receipt is not None
            and not receipt.is_reversed
            and any(one.receipt == key and one.held and one.yen for one in self.overs)
        )

    def _lines(self, receipt: Receipt, report: Report) -> list[tuple[str, int]]:
        if report.slip in self.slips:
            lines = [(line[0], sum(line[1:])) for line in self.slips[report.slip].lines]
            return sorted(lines, key=lambda line: (self.claims[line[0]].due, self.claims[line[0]].order))
        return [(report.claim, receipt.amount)] if report.claim in self.claims else []

    def _post(self, new: Sequence[tuple[Receipt, Report]], on: date) -> None:
        pieces: dict[str, list[tuple[Receipt, int]]] = defaultdict(list)
        good = []
        for receipt, report in new:
            self.cash[receipt.key[0], receipt.account_on] += receipt.amount
            lines = self._lines(receipt, report)
            asked = self.slips[report.slip].amount if report.slip in self.slips else report.asked or receipt.amount
            reason = ""
            if not lines:
                reason = "unknown_key"
            elif receipt.paid_on > on:
                reason = "future_date"
            elif any(not self.claims[key].is_active for key, _yen in lines):
                reason = "charge_closed"
            elif receipt.key[0] in FIXED and receipt.amount != asked:
                reason = "amount_differs"
            if reason:
                self.helds.append(Held(receipt.key, receipt.amount, receipt.amount, reason, on))
            else:
                good.append((receipt, report, lines))
        self._raise_printed(good)
        for receipt, _report, lines in good:
            left = receipt.amount
            for number, (key, yen) in enumerate(lines, start=1):
                part = left if number == len(lines) else min(yen, left)
                left -= part
                if part:
                    pieces[key].append((receipt, part))
        for key, arrived in pieces.items():
            for receipt, yen in sorted(arrived, key=lambda one: (one[0].paid_on, *one[0].key)):
                self._put(self.claims[key], receipt, yen, receipt.paid_on)
        self.settle(pieces)

    def _raise_printed(self, good: Sequence[tuple[Receipt, Report, list[tuple[str, int]]]]) -> None:
        """Interest printed on a slip is levied when it is paid: never more than the claim has borne by that day. A fee
        is levied with its reminder, never by a payment."""
        printed: dict[str, tuple[int, date]] = {}
        for receipt, report, _lines in good:
            for key, _tax, _fee, interest in self.slips[report.slip].lines if report.slip in self.slips else ():
                if interest:
                    most, last = printed.get(key, (0, date.min))
                    printed[key] = max(most, interest), max(last, receipt.paid_on)
        for key, (interest, on) in printed.items():
            claim = self.claims[key]
            more = min(interest, max(0, claim.interest(on) - claim.raised[INTEREST]))
            claim.raise_to(INTEREST, claim.raised[INTEREST] + more)

    def _put(self, claim: Claim, receipt: Receipt, yen: int, arose_on: date) -> None:
        """本税 first, then fees, then interest (14条の5); what is too much is the payer's."""
        was_open = sum(claim.open.values()) > 0
        for component in ORDER:
            part = min(yen, claim.open[component])
            if part:
                claim.open[component] -= part
                claim.moves.append((receipt.key, component, receipt.paid_on, part))
                yen -= part
        if yen:
            cause = "excess" if was_open else "double"
            self.overs.append(Over(claim.party, claim.key, receipt.key, cause, receipt.paid_on, arose_on, yen, yen))

    # --- money taken back -----------------------------------------------------------------------------------------

    def reverse(self, key: ReceiptKey) -> None:
        """収納取消: the money has not arrived after all."""
        receipt = self.receipts[key]
        if not receipt.is_posted or receipt.is_reversed:
            raise Refused("計上されていない")
        self.take_back(receipt, keep_held=False)
        receipt.is_reversed = True
        receipt.flags.add("corrected")
        self.cash[key[0], receipt.account_on] -= receipt.amount

    def unmatch(self, key: ReceiptKey, on: date) -> None:
        """消込取消: the money waits for its right claim."""
        receipt = self.receipts[key]
        if not receipt.is_posted or receipt.is_reversed:
            raise Refused("計上されていない")
        yen = self.take_back(receipt, keep_held=True)
        self.helds.append(Held(key, yen, yen, "matching_reversed", on))

    def take_back(self, receipt: Receipt, *, keep_held: bool) -> int:
        """Everything the receipt has met is open again. Answers its yen."""
        overs = [one for one in self.overs if one.receipt == receipt.key and one.yen]
        if any(one.held for one in overs):
            raise Refused("還付・充当の案または決定がある")
        nets: dict[tuple[str, str], int] = defaultdict(int)
        for claim in self.claims.values():
            for who, component, _on, yen in claim.moves:
                if who == receipt.key:
                    nets[claim.key, component] += yen
        helds = [] if keep_held else [one for one in self.helds if one.receipt == receipt.key and one.remaining]
        total = sum(nets.values()) + sum(one.yen for one in overs if one.cause != "levy_reduced")
        total += sum(one.remaining for one in helds)
        if total == 0:
            raise Refused("消し込まれた金額がない")
        for (key, component), yen in nets.items():
            if yen:
                lifted = sum(o.yen for o in overs if (o.cause, o.claim, component) == ("levy_reduced", key, PRINCIPAL))
                self.claims[key].open[component] += yen - lifted
                self.claims[key].moves.append((receipt.key, component, receipt.paid_on, -yen))
        for over in overs:
            over.yen = over.remaining = 0
        for held in helds:
            held.remaining = 0
        self.settle(key for (key, _component), yen in nets.items() if yen)
        return total

    def resolve(self, held: Held, key: str, yen: int, on: date) -> None:
        """仮受の解消."""
        claim = self.claims[key]
        if not claim.is_active:
            raise Refused("取消済みの期別")
        held.remaining -= yen
        self._put(claim, self.receipts[held.receipt], yen, on)
        self.settle([key])

    # --- what the accounts must say -------------------------------------------------------------------------------

    def accounts(self) -> Mapping[str, int]:
        """Debit less credit of every account that is not nil."""
        out: dict[str, int] = defaultdict(int)
        for claim in self.claims.values():
            tax, levy_year, tax_year = claim.key.split("|")[:3]
            years = f"{tax}:{levy_year}:{tax_year}"
            for component, yen in claim.open.items():
                out[f"{claim.key}|{component}"] += yen
            for kind, yen in zip(("city", "prefecture", "forest"), claim.parts, strict=True):
                out[f"revenue_{kind}:{years}"] -= yen
            out[f"reminder_fee:{years}"] -= claim.raised[FEE]
            out[f"interest:{years}"] -= claim.raised[INTEREST]
        for (channel, on), yen in self.cash.items():
            out[f"cash_in:{channel}:{on}"] += yen
        for held in self.helds:
            out[f"suspense:{held.receipt[0]}"] -= held.remaining
        for over in self.overs:
            out[f"overpayment:{over.claim.split('|')[0]}:{over.party}"] -= over.remaining
        for party, yen in self.payable.items():
            out[f"refund_payable:{party}"] -= yen
        for on, yen in self.paid_out.items():
            out[f"cash_out:{on}"] -= yen
        for year, yen in self.interest_cost.items():
            out[f"refund_interest:{year}"] += yen
        return {key: yen for key, yen in out.items() if yen}
