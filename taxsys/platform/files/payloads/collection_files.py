"""コンビニ収納ファイル (profiles A, B, C): one shape of receipt for all three, and what each kind means."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from taxsys.platform.files import layouts
from taxsys.platform.files.codec.parsed import Parsed
from taxsys.platform.files.payloads import gs1_128

Profile = Literal["a", "b", "c"]
LAYOUTS: dict[Profile, str] = {"a": "cvs_120_a", "b": "cvs_120_b", "c": "cvs_csv"}
KINDS = {"01": "速報", "02": "確報", "03": "速報取消", "12": "郵便振替", "22": "郵便振替訂正", "81": "即時"}
MEANINGS = {
    "01": "quick report", "02": "confirmed", "03": "quick report cancelled", "12": "postal transfer",
    "22": "postal transfer correction", "81": "real time",
}  # fmt: skip
_POSTING = frozenset({"02", "12", "22"})


@dataclass(frozen=True)
class CvsReceipt:
    """One receipt line. `paid_on` (the store's day) is the legal payment date; money goes by `transfer_on`."""

    line_no: int
    kind: str
    barcode: str
    paid_on: date | None
    paid_hhmm: str
    amount_yen: int
    cvs: str
    store: str
    transfer_on: date | None
    created_on: date | None

    @property
    def posts_to_ledger(self) -> bool:
        """Confirmed, postal and postal correction lines post; quick ones only report."""
        return self.kind in _POSTING

    @property
    def barcode_agrees(self) -> bool:
        """True when the bar code reads well and carries this amount."""
        try:
            return gs1_128.parse(self.barcode).amount_yen == self.amount_yen
        except gs1_128.BarcodeProblem:
            return False


def read(content: bytes, *, profile: Profile) -> tuple[list[CvsReceipt], Parsed]:
    """Receipts of a collection file and the parsed file with its line problems. FileRefused on broken controls."""
    parsed = layouts.get(LAYOUTS[profile], "v1").parse(content)
    return [_receipt(one.line_no, one.values) for one in parsed.records], parsed


def _receipt(line_no: int, values: Mapping[str, Any]) -> CvsReceipt:
    barcode = (values["barcode"] or "").removeprefix("EAN")
    amount = values.get("amount")
    return CvsReceipt(
        line_no=line_no,
        kind=values["kind"],
        barcode=barcode,
        paid_on=values["paid_date"],
        paid_hhmm=values["paid_hhmm"] or "",
        amount_yen=int(barcode[37:43] or 0) if amount is None else amount,
        cvs=values["cvs"] or "",
        store=values["store"] or "",
        transfer_on=values["transfer_date"],
        created_on=values.get("created") or values.get("data_date"),
    )


def write(
    receipts: Iterable[CvsReceipt],
    *,
    profile: Profile,
    header: Mapping[str, Any] | None = None,
    cvs_names: Mapping[str, str] | None = None,
) -> bytes:
    """Bytes of a collection file, as an agent would send it; fixed profiles get header and totals."""
    layout = layouts.get(LAYOUTS[profile], "v1")
    return layout.write([_values(one, profile, cvs_names or {}) for one in receipts], header=header)


def _values(one: CvsReceipt, profile: Profile, cvs_names: Mapping[str, str]) -> dict[str, Any]:
    shared = {
        "kind": one.kind,
        "paid_date": one.paid_on,
        "paid_hhmm": one.paid_hhmm,
        "store": one.store,
        "cvs": one.cvs,
    }
    if profile == "c":
        return {
            **shared,
            "barcode": f"EAN{one.barcode}",
            "user1": one.barcode[13:19],
            "user2": one.barcode[19:30],
            "stamp_flag": one.barcode[36],
            "amount": one.amount_yen,
            "cvs_name": cvs_names.get(one.cvs),
            "transfer_date": one.transfer_on,
            "created": one.created_on,
        }
    return {
        **shared,
        "barcode": one.barcode,
        "barcode_type": "1",
        "data_date": one.created_on,
        "transfer_date": one.transfer_on,
        "account_date": one.transfer_on,
    }


def states(kinds: Iterable[tuple[str, str]]) -> dict[str, str]:
    """State of each bar code after its (kind, bar code) lines in order: unpaid, reported, paid or double_paid."""
    found: dict[str, str] = {}
    for kind, barcode in kinds:
        state = found.get(barcode, "unpaid")
        if kind in {"02", "12"}:
            state = "double_paid" if state in {"paid", "double_paid"} else "paid"
        elif kind in {"22", "81"}:
            state = "paid" if state != "double_paid" else state
        elif kind == "01" and state == "unpaid":
            state = "reported"
        elif kind == "03" and state == "reported":
            state = "unpaid"
        found[barcode] = state
    return found
