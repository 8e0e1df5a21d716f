"""納付書のデータを行から作る (slips in circulation as they are printed), set-based. F-DC-004, N-088.

Codes come ready made from the rows of the slip; figures come from its lines. Where both disagree, PaymentSlip refuses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from collection.models import Method, Slip, SlipLine, SlipState
from collection.papers.payment_slip_data import PayEasy, PaymentSlip
from collection.params import parameter_file
from taxsys.platform.files.payloads import postal_ocr
from taxsys.platform.files.payloads.el_number import TEST_ONLY, ElNumber, qr_payload
from taxsys.platform.printing import issuers

QR_VERSION = "local-v1"
OCR_LIMIT_YEN = 999_999


@dataclass(frozen=True, slots=True)
class Payer:
    """納付書に載る人 (whom the slip names). `address` "" for hidden persons and third-party payers."""

    name: str
    address: str = ""


def slips_of_charges(charge_ids: Sequence[int], payers: Mapping[int, Payer]) -> dict[int, tuple[PaymentSlip, ...]]:
    """有効な納付書 by charge, in a fixed number of queries; a charge without a slip in circulation has none.

    `payers` by charge. A slip for several charges stands under the first of them.
    """
    lines = (
        SlipLine.objects.filter(charge_id__in=charge_ids, slip__state=SlipState.ACTIVE)
        .select_related("slip", "charge", "charge__tax_kind")
        .order_by("slip__notice_no", "charge__instalment_no", "slip__case_no")
    )
    by_slip: dict[int, list[SlipLine]] = {}
    for line in lines:
        by_slip.setdefault(line.slip_id, []).append(line)
    office, payee = issuers.office("collection"), issuers.payee_name()
    contact = f"{office.municipality_name}{office.section}　電話 {office.phone}"
    found: dict[int, tuple[PaymentSlip, ...]] = {}
    for group in by_slip.values():
        first = group[0].charge_id
        slip = slip_of(
            group, payers[first], Counter(office.municipality_name, payee, contact),
            is_production=settings.TAXSYS_PROFILE == "production",
        )  # fmt: skip
        found[first] = (*found.get(first, ()), slip)
    return found


@dataclass(frozen=True, slots=True)
class Counter:
    """納付書の発行元 (who issues the slip): municipality, payee, and where to ask."""

    municipality_name: str
    payee_name: str
    contact: str


def slip_of(lines: Sequence[SlipLine], payer: Payer, counter: Counter, *, is_production: bool) -> PaymentSlip:
    """One slip by its lines (with slip, charge and tax kind), the sums of all of them on it.

    Raises NumberProblem where `is_production` and only the test builder of the QR is there.
    """
    slip: Slip = lines[0].slip
    charge = lines[0].charge
    number = ElNumber(slip.el_municipality_code, slip.el_item_code, slip.el_case_key, slip.el_confirm_no)
    return PaymentSlip(
        municipality_name=counter.municipality_name,
        payee_name=counter.payee_name,
        tax_name=f"{charge.tax_kind.title}（{Method(charge.method).label}）",
        tax_year=charge.tax_year,
        instalment_label=_label(lines),
        notice_no=charge.notice_no,
        slip_no=slip.case_no,
        payer_name=payer.name,
        due_on=max(line.charge.due_on for line in lines),
        pay_until=slip.valid_until,
        tax_yen=sum(line.principal_yen for line in lines),
        late_interest_yen=sum(line.late_interest_yen for line in lines),
        fee_yen=sum(line.reminder_fee_yen for line in lines),
        payer_address=payer.address,
        cvs44=slip.cvs_barcode,
        el_number=(number.municipality_code, number.item_code, number.case_key, number.confirm_no),
        qr_payload=qr_payload(number, amount_yen=slip.amount_yen, version=QR_VERSION, is_production=is_production),
        qr_is_test=QR_VERSION in TEST_ONLY,
        ocr_lines=ocr_lines(slip),
        payeasy=payeasy(slip),
        contact=counter.contact,
    )


def _label(lines: Sequence[SlipLine]) -> str:
    """What the slip is for; of several instalments how many, a part of one as such."""
    if len(lines) > 1:
        return f"{len(lines)}期別の合計"
    charge = lines[0].charge
    label = instalment_label(charge.method, charge.instalment_no)
    return f"{label}（一部）" if lines[0].slip.is_part else label


def payeasy(slip: Slip) -> PayEasy | None:
    """ペイジーの番号 of a slip by its case number; None while the city does not print them."""
    codes = parameter_file("slip_issuer")["payeasy"]
    if not codes["is_printed"]:
        return None
    return PayEasy(codes["agency"], slip.case_no, slip.el_confirm_no, codes["kind"])


def ocr_lines(slip: Slip) -> tuple[str, ...]:
    """OCR二行 of a slip: amount above, 案件特定番号 below; none above 999,999 yen, for which the line has no room."""
    if slip.amount_yen > OCR_LIMIT_YEN:
        return ()
    codes = parameter_file("slip_issuer")["ocr"]
    return (
        postal_ocr.upper(account=codes["account"], amount_yen=slip.amount_yen, client=codes["client"]),
        postal_ocr.lower(
            free=slip.case_no, reissue=min(slip.version - 1, 9), maker=codes["maker"], control=codes["control"]
        ),
    )


def instalment_label(method: str, instalment_no: int) -> str:
    """期別の表記 (第1期; months for withheld tax: 6月分 …)."""
    if method == Method.WAGE:
        return f"{(instalment_no + 4) % 12 + 1}月分"
    return f"第{instalment_no}期"
