"""申告特例通知書 (ワンストップ特例): layout record → content of a one-stop notice."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from eltax_bridge.mappings.reports import MappedReport

# 通知区分 1 new, 2 correction, 3 withdrawal → 提出区分 of source documents.
_FILING = {"1": "0", "2": "2", "3": "3"}


def onestop_notice(record: Mapping[str, Any]) -> MappedReport:
    """One notice. The business key is the notifying city, its serial number and the year."""
    birth = record.get("birth")
    return MappedReport(
        content={
            "hometown_donation_yen": int(record["amount"]),
            "applications": int(record.get("applications") or 1),
        },
        name=str(record["name"]),
        name_kana=str(record.get("kana") or ""),
        birth_on=birth if isinstance(birth, date) else None,
        address=str(record["address"]),
        business_key=f"onestop:{record['donation_year']}:{record['from_municipality']}:{record['serial']}",
        filing_kind=_FILING[str(record["kind"])],
        number=record.get("my_number") or None,
        tax_year=int(record["donation_year"]) + 1,
    )
