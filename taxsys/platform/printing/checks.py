"""組の検査 (checks over a closed package before anybody may release it): read back from the files, not from memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from django.db.models import Count, Sum

from taxsys.platform.files import layouts
from taxsys.platform.files.payloads.el_number import NumberProblem, qr_read
from taxsys.platform.jobs.declaration import GateResult
from taxsys.platform.printing import services, store
from taxsys.platform.printing.errors import PackageRefused
from taxsys.platform.printing.guards import package_stops
from taxsys.platform.printing.models import Batch, PackageState, PrintItem, PrintPackage
from taxsys.platform.printing.pieces import PrintPiece, piece_lines

Record = dict[str, Any]


def vendor_records(package: PrintPackage) -> Iterator[Record]:
    """印刷データの行 (the rows of the contractor's files as they lie in the store, compared with their hashes)."""
    for part in package.parts.exclude(data_path="").order_by("part_no"):
        yield from _rows_of(store.read_checked(part.data_path, part.data_sha256))


@lru_cache(maxsize=1)
def _rows_of(content: bytes) -> tuple[Record, ...]:
    """The rows of one file: the gates of a package ask for them one after another."""
    return tuple(dict(record.values) for record in layouts.get(services.DATA_LAYOUT).parse(content).records)


def package_checks(package: PrintPackage, *, expected: Sequence[str]) -> Iterator[GateResult]:
    """組そのものの検査: sequence, completeness, one live piece per key, contractor's rows = rows of the package."""
    yield _sequence(package)
    yield _complete(package, expected)
    yield _told_once(package)
    yield _vendor_rows(package)


def _sequence(package: PrintPackage) -> GateResult:
    try:
        services.sequence_prove(package, list(package.parts.order_by("part_no")))
        problem = ""
    except PackageRefused as error:
        problem = error.message_ja
    return GateResult("sequence", "連番に欠番・重複がない", not problem, int(bool(problem)), problem, "R-107")


def _complete(package: PrintPackage, expected: Sequence[str]) -> GateResult:
    wanted, made = set(expected), set(package.items.values_list("item_key", flat=True))
    wrong = len(wanted ^ made)
    detail = f"対象{len(wanted):,}通、作成{len(made):,}通"
    return GateResult("every_piece", "対象のすべてに一通ずつある", wrong == 0, wrong, detail, "I6・R-107")


def _told_once(package: PrintPackage) -> GateResult:
    """倉敷市の事例: one liability, two notices. The same content must not stand in another live package of the kind."""
    live = PrintItem.objects.filter(package__kind=package.kind).exclude(package__state=PackageState.RECALLED)
    told = live.filter(subjects__reference__gt="").values("subjects__reference", "subjects__subject_key", "item_key")
    twice = told.annotate(n=Count("pk")).filter(n__gt=1).count()
    return GateResult("told_once", "同じ決定の通知が二通ない", twice == 0, twice, "", "I6")


def _vendor_rows(package: PrintPackage) -> GateResult:
    rows = package.items.filter(batch=Batch.BULK).order_by("seq").values_list("seq", "notice_no", "person_no", "pages")
    wanted = list(rows)
    given = [(r["seq"], r["notice_no"], r["person_no"], r["pages"]) for r in vendor_records(package)]
    wrong = sum(one != other for one, other in zip(wanted, given, strict=False)) + abs(len(wanted) - len(given))
    detail = f"委託分{len(wanted):,}通、印刷データ{len(given):,}行"
    return GateResult("vendor_rows", "印刷データの行と組の通が一致する", wrong == 0, wrong, detail, "R-106・I18")


def stops_gate(package: PrintPackage) -> GateResult:
    """支援措置・撤回による発送停止: as of the composing; release, handing over and posting ask again (N-090, N-095)."""
    stops = package_stops(package)
    detail = "・".join(dict.fromkeys(stop.reason_ja for stop in stops))
    return GateResult("no_stops", "発送を止める通がない", not stops, len(stops), detail, "N-090・N-095")


def codes_check(package: PrintPackage, *, inhouse: Iterable[PrintPiece]) -> GateResult:
    """納付書の符号の検査: amount of every bar code and eL-QR = figures printed beside it, in every batch."""
    seen = wrong = 0
    for lines in _all_lines(package, inhouse):
        for slip in _slips(lines):
            seen += 1
            wrong += not _codes_agree(slip)
    detail = f"納付書{seen:,}枚"
    return GateResult("codes", "バーコード・eL-QRの金額が納付書の金額と一致する", wrong == 0, wrong, detail, "F-DC-004")


def _all_lines(package: PrintPackage, inhouse: Iterable[PrintPiece]) -> Iterator[Any]:
    for record in vendor_records(package):
        lines = json.loads(str(record.get("lines_json") or "{}"))
        yield lines
    for piece in inhouse:
        yield piece_lines(piece)


def _slips(lines: Any) -> Iterator[Record]:
    """The slips inside the printed lines, wherever a form keeps them."""
    if isinstance(lines, dict):
        if "slip_no" in lines and "tax_yen" in lines:
            yield lines
        else:
            for one in lines.values():
                yield from _slips(one)
    elif isinstance(lines, list):
        for one in lines:
            yield from _slips(one)


def _codes_agree(slip: Record) -> bool:
    total = slip["tax_yen"] + slip.get("late_interest_yen", 0) + slip.get("fee_yen", 0)
    barcode = slip.get("cvs44", "")
    if barcode and int(barcode[37:43]) != total:
        return False
    payload = slip.get("qr_payload", "")
    if not payload or not slip.get("qr_is_test"):
        return True
    try:
        number, yen = qr_read(payload)
    except NumberProblem:
        return False
    return yen == total and number.text == "".join(slip.get("el_number", ()))


def amount_by_notice(package: PrintPackage) -> dict[str, int]:
    """通知書番号ごとの通知額 (yen told per notice number in the package), for the sum against the ledger."""
    rows = package.items.values_list("notice_no").annotate(yen=Sum("amount_yen")).order_by("notice_no")
    return {notice_no: int(yen) for notice_no, yen in rows}
