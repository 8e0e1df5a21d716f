"""番号を含むファイルの読み方: reports, pensions, one-stop notices, and returns in an archive (R-206, R-207)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from addressbook.number_sources import NumberLine, NumberSource, parsed_count
from eltax_bridge.mappings.onestop import onestop_notice
from eltax_bridge.mappings.reports import MappedReport, pension_report, wage_report
from eltax_bridge.services.imports import returns_count, returns_read
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.parsing import file_parsed


def _line(line_no: int, report: MappedReport) -> NumberLine:
    return NumberLine(line_no, report.number or "", report.name, report.name_kana, report.birth_on)


def _reading(report_of: Callable[[Mapping[str, Any]], MappedReport]) -> Callable[..., list[NumberLine]]:
    def read(received: ReceivedFile, positions: Sequence[int]) -> list[NumberLine]:
        records = file_parsed(received).records
        return [_line(records[at].line_no, report_of(records[at].values)) for at in positions]

    return read


def _returns(received: ReceivedFile, positions: Sequence[int]) -> list[NumberLine]:
    return [_line(line_no, report) for line_no, report in returns_read(received, positions)]


SOURCES = (
    NumberSource("kyuho_315", parsed_count, _reading(wage_report)),
    NumberSource("nenpo_331", parsed_count, _reading(pension_report)),
    NumberSource("local_onestop_tsuchi", parsed_count, _reading(onestop_notice)),
    NumberSource("koa020", returns_count, _returns),
)
