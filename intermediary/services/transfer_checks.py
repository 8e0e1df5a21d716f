"""依頼の法的確認 (legal check of a request): what the register answers by itself, before an officer judges the purpose.

R-166, R-167, R-216, R-264; N-027 to N-029. A request that fails one of these can only be refused.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from intermediary.items import titles_ja
from intermediary.models import RegisterRow, TransferRequest
from intermediary.register_checks import row_faults
from intermediary.selectors.register import rows_on
from intermediary.services.register import row_shown


@dataclass(frozen=True, slots=True)
class LegalCheck:
    """One check: its name, whether it holds, and in words what was found."""

    name: str
    title_ja: str
    is_ok: bool
    found_ja: str

    def kept(self) -> dict[str, Any]:
        """As the request keeps it."""
        return asdict(self)


def legal_checks(request: TransferRequest, *, on: date) -> list[LegalCheck]:
    """Every check of the request on a day, in the order in which they are read."""
    row = request.row
    in_force = rows_on(on).filter(pk=row.pk).exists()
    outside = [name for name in request.items if name not in row.items]
    titles: Mapping[str, str] = titles_ja()
    base_faults = row_faults(row_shown(row))
    return [
        LegalCheck("row", "登録簿の行が有効", in_force, f"{row.row_no} {'有効' if in_force else '期間外・未承認'}"),
        LegalCheck("recipient", "依頼元が行の移転先・提供先", row.recipient == request.unit_name, row.recipient),
        LegalCheck(
            "base",
            "根拠が法令・条例にある",
            not base_faults,
            "、".join(base_faults) or f"{row.legal_base} {row.ordinance}",
        ),
        LegalCheck(
            "items",
            "求める項目が行の項目の範囲内",
            not outside,
            f"範囲外：{'、'.join(titles.get(name, name) for name in outside)}"
            if outside
            else f"{len(request.items)}項目",
        ),
        LegalCheck(
            "method", "求める方法が行の方法", request.method in row.methods, RegisterRow.Method(request.method).label
        ),
        LegalCheck("people", "対象者が特定されている", request.person_count > 0, f"{request.person_count:,}人"),
    ]
