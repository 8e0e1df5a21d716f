"""検索の種類 of the 賦課 duty: a withholder by its designation number, a decision by its notice number."""

import re
from collections.abc import Sequence
from typing import Any

from addressbook.card import tab_url
from addressbook.permissions import SEARCH_PARTY
from assessment.models import Decision, Withholder
from assessment.withholders.selectors import withholder_by_number
from collection.search import is_notice_no, notice_forms
from taxsys.kernel import wareki
from taxsys.platform.search.registry import SearchProvider, SearchRow

_DESIGNATION = re.compile(r"^[0-9A-Z]{5,12}$", re.ASCII)


def _find_withholders(text: str, _staff: Any) -> list[str]:
    found = withholder_by_number(text)
    return [] if found is None else [str(found.pk)]


def _present_withholders(ids: Sequence[str], _staff: Any) -> list[SearchRow]:
    rows = Withholder.objects.filter(pk__in=ids).select_related("party")
    return [
        SearchRow(
            url=tab_url("overview", row.party_id),
            cells=(row.designation_no, row.party.name, row.party.name_kana, row.party.corporate_no or ""),
            subject=str(row.party_id),
        )
        for row in rows
    ]


def _find_decisions(text: str, _staff: Any) -> list[str]:
    rows = Decision.objects.filter(notice_no__in=notice_forms(text)).order_by("-tax_year", "-version")
    newest: dict[tuple[Any, int], int] = {}
    for key, party_id, tax_year in rows.values_list("pk", "party_id", "tax_year"):
        newest.setdefault((party_id, tax_year), key)
    return [str(key) for key in newest.values()]


def _present_decisions(ids: Sequence[str], _staff: Any) -> list[SearchRow]:
    found = {str(row.pk): row for row in Decision.objects.filter(pk__in=ids).select_related("party")}
    return [
        SearchRow(
            url=tab_url("resident-tax", row.party_id),
            cells=(row.notice_no, f"{wareki.format_year(row.tax_year)}年度", row.party.name, row.party.name_kana),
            subject=str(row.party_id),
        )
        for row in (found[one] for one in ids if one in found)
    ]


PROVIDERS = (
    SearchProvider(
        kind="designation",
        title_ja="指定番号",
        permission=SEARCH_PARTY,
        order=25,
        recognise=lambda text: bool(_DESIGNATION.match(text.upper())),
        find=_find_withholders,
        present=_present_withholders,
        columns=("指定番号", "名称", "カナ", "法人番号"),
    ),
    SearchProvider(
        kind="decision",
        title_ja="通知書番号（賦課決定）",
        permission=SEARCH_PARTY,
        order=40,
        recognise=is_notice_no,
        find=_find_decisions,
        present=_present_decisions,
        columns=("通知書番号", "課税年度", "氏名", "カナ"),
    ),
)
