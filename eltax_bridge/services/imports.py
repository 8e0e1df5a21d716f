"""取込: received files become source documents. Each function takes the lines [start, stop) of one file.

A file is parsed once per worker process and file (bounded cache); personal numbers leave the record before anything is
written down. formats §0.5, §1; R-003, R-050, R-056.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import F

from addressbook.services.likeness import PaperPerson, likeness_of
from addressbook.services.parties import CorporateRow, corporate_parties_ensure
from assessment.models import MatchMethod, SourceKind, SubmissionSummary, Withholder
from assessment.sources.matching import income_from
from assessment.sources.services import (
    CONTRADICTING,
    DocumentRow,
    RegisterCounts,
    documents_register,
    withholders_ensure,
)
from collection.withheld.selectors import numbers_now
from eltax_bridge.mappings.onestop import onestop_notice
from eltax_bridge.mappings.reports import MappedReport, pension_report, wage_report
from eltax_bridge.mappings.returns import national_return
from eltax_bridge.services.numbers import numbers_bind, numbers_take
from taxsys.platform.files import layouts
from taxsys.platform.files.addressee import own_records
from taxsys.platform.files.archive import unpack
from taxsys.platform.files.codec.parsed import Parsed
from taxsys.platform.files.errors import E_MISSING, L_HEADER, FileRefused, FilesError, LineProblem
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.parsing import file_parsed
from taxsys.platform.files.services import line_errors_record

INDEX_NAME = "index.csv"


@lru_cache(maxsize=1)
def _archive(file_id: UUID, sha256: str) -> tuple[Parsed, dict[str, bytes]]:
    members = unpack(ReceivedFile.objects.get(pk=file_id).open_bytes())
    if INDEX_NAME not in members:
        raise FileRefused(L_HEADER, f"圧縮ファイルの中に「{INDEX_NAME}」がありません。送付元に再送を依頼してください。")
    table = layouts.get("local_kokuzei_index")
    return own_records(table, table.parse(members[INDEX_NAME])), members


def archive_open(received: ReceivedFile) -> int:
    """Check and stage a zip of returns by its index: the number of its lines. Raises FileRefused.

    What is wrong with one return alone (missing, broken, of another edition) is found when its turn comes.
    """
    index, _members = _archive(received.pk, received.sha256)
    received.line_errors.all().delete()
    line_errors_record(received, [*index.errors, *index.warnings])
    received.record_count, received.error_count = len(index.records), len(index.errors)
    received.state = ReceivedFile.State.STAGED
    received.save(update_fields=["record_count", "error_count", "state"])
    return len(index.records)


def wage_lines_import(received: ReceivedFile, start: int, stop: int) -> RegisterCounts:
    """給与支払報告書 lines → documents, matched by number where the number is known."""
    records = file_parsed(received).records[start:stop]
    reports = [wage_report(record.values) for record in records]
    lines = [record.line_no for record in records]
    return _register(received, SourceKind.WAGE_REPORT, lines, reports, _withholders(received, records))


def pension_lines_import(received: ReceivedFile, start: int, stop: int) -> RegisterCounts:
    """公的年金等支払報告書 lines → documents."""
    records = file_parsed(received).records[start:stop]
    reports = [pension_report(record.values) for record in records]
    return _register(received, SourceKind.PENSION_REPORT, [record.line_no for record in records], reports, {})


def onestop_lines_import(received: ReceivedFile, start: int, stop: int) -> RegisterCounts:
    """申告特例通知書 lines → documents (附則7条)."""
    records = file_parsed(received).records[start:stop]
    reports = [onestop_notice(record.values) for record in records]
    return _register(received, SourceKind.ONESTOP_NOTICE, [record.line_no for record in records], reports, {})


def returns_import(received: ReceivedFile, start: int, stop: int) -> RegisterCounts:
    """Returns of a zip by the lines of its index → documents (KOA020). A return that cannot be read is set aside with
    the line of the index that names it; the others stand.
    """
    index, members = _archive(received.pk, received.sha256)
    reports, lines, problems = [], [], []
    for record in index.records[start:stop]:
        try:
            report, found = _return(record.values, members)
        except FilesError as refusal:
            found = [LineProblem(record.line_no, refusal.code, refusal.message_ja, field="payload", field_ja="申告書")]
        else:
            reports.append(report)
            lines.append(record.line_no)
        problems += [replace(problem, line_no=record.line_no) for problem in found]
    line_errors_record(received, problems)
    set_aside = sum(problem.severity == "error" for problem in problems)
    ReceivedFile.objects.filter(pk=received.pk).update(error_count=F("error_count") + set_aside)
    return _register(received, SourceKind.NATIONAL_RETURN, lines, reports, {})


def returns_count(received: ReceivedFile) -> int:
    """How many returns the index of the archive names."""
    return len(_archive(received.pk, received.sha256)[0].records)


def returns_read(received: ReceivedFile, positions: Sequence[int]) -> list[tuple[int, MappedReport]]:
    """The returns at these positions of the index, with their lines; one that cannot be read is left out."""
    index, members = _archive(received.pk, received.sha256)
    found = []
    for at in positions:
        with suppress(FilesError):
            found.append((index.records[at].line_no, _return(index.records[at].values, members)[0]))
    return found


def _return(values: Mapping[str, Any], members: Mapping[str, bytes]) -> tuple[MappedReport, list[LineProblem]]:
    """One return named by a line of the index, and what was strange in it though it was taken."""
    name = str(values["payload"])
    if name not in members:
        raise FilesError(E_MISSING, f"圧縮ファイルの中に「{name}」がありません。送付元に再送を依頼してください。")
    layout = layouts.get("koa020", f"v{str(values['form_version']).partition('.')[0]}")
    parsed = layout.parse(members[name])
    notes = [replace(problem, severity="warning") for problem in (*parsed.errors, *parsed.warnings)]
    return national_return(parsed.records[0].values, values), notes


def summaries_import(received: ReceivedFile, start: int, stop: int) -> int:
    """総括表 lines → withholders and what each payer says it hands in. Idempotent; answers the number of lines."""
    records = file_parsed(received).records[start:stop]
    rows = [
        CorporateRow(
            key=str(record.values["designation_no"]),
            name=str(record.values["payer_name"]),
            name_kana=str(record.values.get("payer_kana") or ""),
            corporate_no=str(record.values.get("payer_number") or ""),
            zip=str(record.values.get("zip") or ""),
            address_text=str(record.values["address"]),
        )
        for record in records
        if record.values.get("designation_no")
    ]
    parties = corporate_parties_ensure(rows, source="soukatsu", valid_from=date(_tax_year(records[0].values), 1, 1))
    withholders = withholders_ensure(
        [_withholder_row(record.values, parties) for record in records if record.values.get("designation_no")],
        valid_from=date(_tax_year(records[0].values), 1, 1),
    )
    SubmissionSummary.objects.bulk_create(
        [_summary(received, record.line_no, record.values, withholders) for record in records], ignore_conflicts=True
    )
    return len(records)


def _withholder_row(values: Mapping[str, Any], parties: Mapping[str, UUID]) -> tuple[str, UUID, str, str, str]:
    number = str(values["designation_no"])
    return (
        number,
        parties[number],
        str(values["payer_name"]),
        str(values.get("notice_to_payer") or "2"),
        str(values.get("notice_to_taxpayer") or "2"),
    )


def _summary(
    received: ReceivedFile, line_no: int, values: Mapping[str, Any], withholders: Mapping[str, int]
) -> SubmissionSummary:
    return SubmissionSummary(
        received_file=received,
        line_no=line_no,
        withholder_id=withholders.get(str(values.get("designation_no") or "")),
        tax_year=_tax_year(values),
        filing_kind=str(values["filing_kind"]),
        count_special=int(values["count_special"]),
        count_ordinary_left=int(values["count_ordinary_left"]),
        count_ordinary_other=int(values["count_ordinary_other"]),
        count_total=int(values["count_total"]),
        filed_on=values["filed_on"],
    )


def _tax_year(values: Mapping[str, Any]) -> int:
    """課税年度 of a paper: the year after its income year (地方税法32条・313条)."""
    return int(values.get("income_year") or values.get("donation_year") or 0) + 1


def _withholders(received: ReceivedFile, records: Sequence[Any]) -> dict[str, int]:
    """Agents named on wage reports by 指定番号; one that no summary named is made from the report itself."""
    named = {
        str(record.values["designation_no"]): record.values for record in records if record.values["designation_no"]
    }
    # A report under a number that has changed is one of the agent who stands for it now.
    now = numbers_now(named)
    agents = dict(Withholder.objects.filter(designation_no__in=now.values()).values_list("designation_no", "pk"))
    known = {number: agents[now[number]] for number in named if now[number] in agents}
    missing = {number: values for number, values in named.items() if number not in known}
    if not missing:
        return known
    rows = [
        CorporateRow(
            key=number,
            name=str(values["payer_name"]),
            corporate_no=str(values.get("payer_number") or ""),
            address_text=str(values["payer_address"]),
        )
        for number, values in missing.items()
    ]
    since = date(int(records[0].values["income_year"]) + 1, 1, 1)
    parties = corporate_parties_ensure(rows, source="kyuho_315", valid_from=since)
    made = withholders_ensure(
        [(number, parties[number], str(values["payer_name"]), "2", "2") for number, values in missing.items()],
        valid_from=since,
    )
    return known | made


def _register(
    received: ReceivedFile,
    kind: str,
    lines: Sequence[int],
    reports: Sequence[MappedReport],
    withholders: Mapping[str, int],
) -> RegisterCounts:
    label = f"{received.format}:{received.pk}"
    refs, holders = numbers_take(
        [(f"{line_no}行目", report.number) for line_no, report in zip(lines, reports, strict=True)],
        source=label[:60],
        file=received,
    )
    bound = _bound(reports, holders)
    parties = [party for party, _ in bound]
    rows = [
        DocumentRow(
            kind=kind,
            tax_year=report.tax_year,
            line_no=line_no,
            business_key=report.business_key,
            filing_kind=report.filing_kind,
            arrived_on=received.received_on,
            name=report.name,
            name_kana=report.name_kana,
            birth_on=report.birth_on,
            address=report.address,
            content=report.content,
            relatives=report.relatives,
            withholder_id=withholders.get(report.designation_no),
            number_ref=ref,
            party_id=party,
            match_method=MatchMethod.NUMBER if party else MatchMethod.NONE,
            match_evidence=evidence,
        )
        for line_no, report, ref, (party, evidence) in zip(lines, reports, refs, bound, strict=True)
    ]
    counts = documents_register(rows, received_file_id=received.pk)
    numbers_bind([(ref, party) for ref, party in zip(refs, parties, strict=True) if ref and party])
    return counts


def _bound(reports: Sequence[MappedReport], holders: Sequence[UUID | None]) -> list[tuple[UUID | None, dict[str, Any]]]:
    """Per report the party its number binds it to, and the evidence (N-010, R-206).

    A number whose holder has another name or birth date binds nothing: the paper stays on the work list with the
    holder and what contradicts; the number stays held for it.
    """
    numbered = [
        (
            holder,
            PaperPerson(
                name=report.name,
                name_kana=report.name_kana,
                birth_on=report.birth_on,
                since=income_from(report.tax_year),
            ),
        )
        for report, holder in zip(reports, holders, strict=True)
        if holder is not None
    ]
    likeness = iter(likeness_of(numbered))
    found: list[tuple[UUID | None, dict[str, Any]]] = []
    for holder in holders:
        if holder is None:
            found.append((None, {}))
            continue
        one = next(likeness)
        if one.is_same:
            found.append((holder, {"agreed": ["my_number", *one.agreed]}))
        else:
            found.append((None, {"holder": str(holder), CONTRADICTING: list(one.contradicting)}))
    return found
