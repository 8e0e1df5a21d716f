"""検索の種類 of the 収納 duty: a slip by its bar code or what is printed on it, a claim by its notice number."""

import re
from collections.abc import Sequence
from typing import Any, Protocol

from django.urls import reverse

from addressbook.card import tab_url
from addressbook.permissions import SEARCH_PARTY
from collection.models import Charge, Method, Slip, SlipState, TaxKind
from collection.permissions import VIEW_LEDGER
from collection.rules.slip_codes import case_no_of_barcode, case_no_of_el_key
from taxsys.kernel import wareki
from taxsys.platform.files.payloads import el_number, gs1_128
from taxsys.platform.search.registry import SearchProvider, SearchRefused, SearchRow
from taxsys.platform.staff.access import has_permission
from taxsys.platform.ui.templatetags.house import yen_text

# What readers put in front of the data (AIM symbology identifiers).
_READER_PREFIX = re.compile(r"^\][A-Z]\d", re.IGNORECASE)
_CODE_LENGTHS = frozenset({16, 35, 44})
_NOTICE = re.compile(r"^(?=(?:.*\d){5})[0-9A-Z][0-9A-Z\-]{4,19}$", re.ASCII)


def slip_digits(text: str) -> str:
    """The digits of a slip code as read or typed — GS1-128 (44), eL number (35), case number (16) — or ""."""
    flat = _READER_PREFIX.sub("", text)
    if flat.upper().startswith("TEST;ELQR"):
        flat = flat.split(";")[2] if flat.count(";") >= 2 else ""
    digits = re.sub(r"[\s()\-ー]", "", flat)
    return digits if re.fullmatch(r"\d+", digits, re.ASCII) and len(digits) in _CODE_LENGTHS else ""


def slip_case_no(text: str) -> str:
    """案件特定番号 inside a slip code; empty when it is none of ours. SearchRefused where a check digit is wrong."""
    digits = slip_digits(text)
    try:
        if len(digits) == 44:
            gs1_128.parse(digits)
            return case_no_of_barcode(digits)
        if len(digits) == 35:
            return case_no_of_el_key(el_number.parse(digits).case_key)
    except (gs1_128.BarcodeProblem, el_number.NumberProblem) as problem:
        raise SearchRefused(problem.message_ja) from problem
    return digits


def _find_slips(text: str, _staff: Any) -> list[str]:
    case_no = slip_case_no(text)
    return [str(slip_id) for slip_id in Slip.objects.filter(case_no=case_no).values_list("id", flat=True)]


def _present_slips(ids: Sequence[str], staff: Any) -> list[SearchRow]:
    slips = Slip.objects.filter(id__in=ids).prefetch_related("lines__charge__party").order_by("id")
    titles = dict(TaxKind.objects.values_list("code", "title"))
    rows = []
    for slip in slips:
        charges = [line.charge for line in slip.lines.all()]
        if not charges:
            continue
        first, more = charges[0], len(charges) - 1
        state = SlipState(slip.state)
        rows.append(
            SearchRow(
                url=_slip_page(first, more, staff),
                cells=(
                    slip.case_no,
                    slip.notice_no,
                    titles.get(slip.tax_kind_code, slip.tax_kind_code),
                    instalment_text(first) + (f" 他{more}件" if more else ""),
                    yen_text(slip.amount_yen),
                    first.party.name,
                ),
                badges=[("neutral" if state is SlipState.ACTIVE else "caution", str(state.label))],
                subject=str(first.party_id),
            )
        )
    return rows


def _slip_page(charge: Charge, more: int, staff: Any) -> str:
    """Where a slip leads: to its instalment, to the account when it pays several, else to the card."""
    if not has_permission(staff, VIEW_LEDGER):
        return reverse("party-overview", kwargs={"party_id": charge.party_id})
    if more:
        return tab_url("collection", charge.party_id)
    return reverse("collection-charge", kwargs={"party_id": charge.party_id, "charge_id": charge.pk})


class Instalment(Protocol):
    """What of a claim names its instalment."""

    @property
    def method(self) -> str:
        """徴収方法."""

    @property
    def instalment_no(self) -> int:
        """期別."""


def instalment_text(charge: Instalment) -> str:
    """期別 as staff say it: 第2期, or the month of salary withholding."""
    if charge.method == Method.WAGE:
        return f"{(charge.instalment_no + 4) % 12 + 1}月分"
    return f"第{charge.instalment_no}期"


def notice_forms(text: str) -> list[str]:
    """The ways a 通知書番号 may be written: as typed, and with the hyphens of the printed form put back."""
    flat = text.upper()
    plain = flat.replace("-", "")
    if re.fullmatch(r"\d{4}[0-9A-Z]{2}\d{7}", plain, re.ASCII):
        return list(dict.fromkeys([flat, f"{plain[:4]}-{plain[4:6]}-{plain[6:]}"]))
    return [flat]


def is_notice_no(text: str) -> bool:
    """Whether a text may be a 通知書番号 or 指定番号: letters, digits and hyphens with five digits or more."""
    return bool(_NOTICE.match(text.upper()))


def _find_notices(text: str, _staff: Any) -> list[str]:
    """The first charge of each claim (party, tax, tax year) with the number, newest year first."""
    rows = (
        Charge.objects.filter(notice_no__in=notice_forms(text))
        .order_by("-tax_year", "tax_kind_id", "party_id", "instalment_no", "id")
        .values_list("id", "tax_year", "tax_kind_id", "party_id")
    )
    first: dict[tuple[Any, ...], int] = {}
    for charge_id, *claim in rows:
        first.setdefault(tuple(claim), charge_id)
    return [str(charge_id) for charge_id in first.values()]


def _present_notices(ids: Sequence[str], _staff: Any) -> list[SearchRow]:
    charges = {str(row.id): row for row in Charge.objects.filter(id__in=ids).select_related("party", "tax_kind")}
    return [
        SearchRow(
            url=tab_url("collection", row.party_id),
            cells=(
                row.notice_no,
                row.tax_kind.title,
                f"{wareki.format_year(row.tax_year)}年度",
                str(Method(row.method).label),
                row.party.name,
            ),
            subject=str(row.party_id),
        )
        for row in (charges[one] for one in ids if one in charges)
    ]


PROVIDERS = (
    SearchProvider(
        kind="slip",
        title_ja="納付書（バーコード・eL番号）",
        permission=SEARCH_PARTY,
        order=10,
        recognise=lambda text: bool(slip_digits(text)),
        find=_find_slips,
        present=_present_slips,
        columns=("納付書番号", "通知書番号", "税目", "期別", "納付額", "氏名・名称"),
        numeric_columns=frozenset({4}),
    ),
    SearchProvider(
        kind="notice",
        title_ja="通知書番号",
        permission=SEARCH_PARTY,
        order=30,
        recognise=is_notice_no,
        find=_find_notices,
        present=_present_notices,
        columns=("通知書番号", "税目", "課税年度", "徴収方法", "氏名・名称"),
    ),
)
