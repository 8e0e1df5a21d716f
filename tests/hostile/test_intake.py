"""Every incoming paper through its job: fed twice, cut short, with wrong controls, with one bad record in the middle.

Refused whole or set aside by line (formats §0.5); what was good is there once, and nothing is half applied.
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from addressbook.models import Party, Protection
from assessment.models import SourceDocument, SubmissionSummary
from taxsys.city.deliveries import CityDeliveries, CityFile, resident_files
from taxsys.city.economy import CityEconomy
from taxsys.city.people import CityPeople
from taxsys.platform import clock
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.files import layouts
from taxsys.platform.files.errors import DuplicateFile
from taxsys.platform.files.models import LineError, ReceivedFile
from taxsys.platform.files.services import file_receive
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.selectors import run_counts
from taxsys.platform.jobs.services import SYSTEM, job_request, job_run_inline
from taxsys.web.demo.steps.papers_in import JOBS

pytestmark = pytest.mark.django_db(transaction=True)
LINES = ("local_soukatsu_17", "kyuho_315", "nenpo_331", "local_onestop_tsuchi")
CONTROLLED = ("local_juki_ido", "local_shien_sochi", "local_soukatsu_17", "local_onestop_tsuchi")


@pytest.fixture(scope="module")
def city() -> CityDeliveries:
    return CityDeliveries(CityEconomy(CityPeople(size=150, seed=5)))


@pytest.fixture(scope="module")
def files(city: CityDeliveries) -> dict[str, CityFile]:
    found: dict[str, CityFile] = {}
    for one in (*resident_files(city.people), *city.spring_files()):
        found.setdefault(one.format, one)
    return found


@pytest.fixture(autouse=True)
def at_the_desk(data_folder: object) -> Iterator[None]:
    context = AccessContext(
        actor_kind="staff", actor_id="1001", function_id="F-PI-003", legal_base="番号法9条1項・別表24",
        purpose="取込の試験", request_id="test",
    )  # fmt: skip
    with clock.at(date(2026, 2, 2)), using(context):
        yield


def take(file: CityFile) -> tuple[ReceivedFile, JobRun]:
    """Receive a file and run its job."""
    received = file_receive(
        name=file.name, content=file.content, format=f"{file.format}/{file.edition}", sender=file.sender,
        channel=file.channel, manifest=file.manifest,
    )  # fmt: skip
    run = job_run_inline(job_request(JOBS[file.format], {"file": str(received.pk)}, actor=SYSTEM).pk)
    received.refresh_from_db()
    return received, run


def registered() -> tuple[int, int, int]:
    """What a file of papers or people may have brought: parties, papers, summaries."""
    return Party.objects.count(), SourceDocument.objects.count(), SubmissionSummary.objects.count()


def with_bad_line(file: CityFile, place: int) -> CityFile:
    """The file with one field too many in one line; the 送付票 is left behind (its hash would tell first)."""
    lines = file.content.split(b"\r\n")
    lines[place] += b",x"
    return replace(file, name=f"bad-{file.name}", content=b"\r\n".join(lines), manifest=b"")


@pytest.mark.req("R-003")
@pytest.mark.parametrize("format_name", [*CONTROLLED, "kyuho_315", "nenpo_331", "koa020"])
def test_a_file_fed_twice_is_refused_and_changes_nothing(files: dict[str, CityFile], format_name: str) -> None:
    received, _ = take(files[format_name])
    before = registered()
    with pytest.raises(DuplicateFile, match="受領済"):
        take(replace(files[format_name], name="again.csv"))
    assert registered() == before
    assert received.attempts.count() == 1


@pytest.mark.parametrize("format_name", CONTROLLED)
@pytest.mark.parametrize("fault", ["cut", "count", "hash"])
def test_a_file_that_contradicts_its_slip_is_refused_whole(
    files: dict[str, CityFile], format_name: str, fault: str
) -> None:
    whole = files[format_name]
    lines = whole.content.rstrip(b"\r\n").split(b"\r\n")
    wrong = {
        "cut": replace(whole, content=b"\r\n".join(lines[:-1]) + b"\r\n"),
        "count": replace(whole, content=b"\r\n".join([*lines, lines[-1]]) + b"\r\n"),
        "hash": replace(whole, content=whole.content.replace(b"\r\n", b"\n")),
    }[fault]
    received, _ = take(wrong)
    assert received.state == ReceivedFile.State.QUARANTINED
    assert received.refusal_code == {"cut": "L0103", "count": "L0103", "hash": "L0110"}[fault]
    assert registered() == (0, 0, 0)
    assert received.open_bytes() == wrong.content  # kept as evidence
    if format_name == "local_shien_sochi":
        take(files["local_juki_ido"])  # who is to be protected must be known
    good, _ = take(whole)  # the right file still comes in
    assert good.state == ReceivedFile.State.APPLIED


@pytest.mark.parametrize("format_name", ["kyuho_315", "nenpo_331"])
def test_a_report_cut_within_its_last_record_loses_that_record_only(
    files: dict[str, CityFile], format_name: str
) -> None:
    whole = files[format_name]
    received, _ = take(replace(whole, content=whole.content[:-40]))
    lines = whole.content.count(b"\r\n")
    assert (received.state, received.error_count) == (ReceivedFile.State.PARTLY_APPLIED, 1)
    assert SourceDocument.objects.count() == lines - 1
    assert list(received.line_errors.filter(severity="error").values_list("line_no", flat=True)) == [lines]


@pytest.mark.parametrize("format_name", LINES)
def test_one_bad_record_in_the_middle_is_set_aside(files: dict[str, CityFile], format_name: str) -> None:
    has_header = format_name.startswith("local_")
    bad = with_bad_line(files[format_name], 2)
    received, run = take(bad)
    good = files[format_name].content.count(b"\r\n") - has_header - 1
    assert (received.state, received.record_count, received.error_count) == ("partly_applied", good, 1)
    error = received.line_errors.get(severity="error")
    assert error.line_no == 3
    assert error.code == "L0101"
    _, papers, summaries = registered()
    assert papers + summaries == good
    assert run.state == "finished"


@pytest.mark.req("R-145")
def test_one_unknown_person_keeps_nobody_else_unprotected(files: dict[str, CityFile]) -> None:
    take(files["local_juki_ido"])
    whole = files["local_shien_sochi"]
    lines = whole.content.split(b"\r\n")
    column = lines[0].split(b",").index(b"person_no")
    cells = lines[1].split(b",")
    unknown = b",".join([*cells[:column], b"000000000000000", *cells[column + 1 :]])
    spoilt = replace(whole, content=b"\r\n".join([lines[0], unknown, *lines[2:]]), manifest=b"")
    received, run = take(spoilt)
    assert received.state == ReceivedFile.State.PARTLY_APPLIED
    named = {line.split(b",")[column].decode() for line in lines[2:] if line}
    assert len(named) > 1
    assert named <= set(Protection.objects.values_list("party__person_no", flat=True))
    assert run.work_items.count() == 1


def returns_with(archive: CityFile, spoil: dict[int, bytes | None]) -> CityFile:
    """The zip with payloads replaced (or left out) by their place in the index."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive.content)) as old, zipfile.ZipFile(buffer, "w") as new:
        payloads = [name for name in old.namelist() if name.endswith(".xml")]
        for name in old.namelist():
            content: bytes | None = old.read(name)
            if name in payloads and payloads.index(name) in spoil:
                content = spoil[payloads.index(name)]
            if content is not None:
                new.writestr(name, content)
    return replace(archive, content=buffer.getvalue())


@pytest.mark.req("R-019")
def test_broken_returns_of_a_zip_are_set_aside_and_the_others_stand(files: dict[str, CityFile]) -> None:
    archive = files["koa020"]
    with zipfile.ZipFile(io.BytesIO(archive.content)) as opened:
        returns = len(opened.namelist()) - 1
    spoilt = returns_with(archive, {0: None, 1: b"<KOA020>", 2: b'<KOA020 VR="99.0"/>'})
    received, run = take(spoilt)
    assert (received.state, received.error_count) == (ReceivedFile.State.PARTLY_APPLIED, 3)
    assert SourceDocument.objects.filter(kind="return").count() == returns - 3
    assert run_counts(run)["登録"] == returns - 3
    told = dict(LineError.objects.filter(file=received, severity="error").values_list("line_no", "code"))
    assert set(told) == {2, 3, 4}
    assert (told[2], told[3], told[4]) == ("E0001", "L0102", "L0109")


@pytest.mark.parametrize("content", [b"PK\x03\x04 cut", b"", b"plain text"], ids=["cut", "empty", "no zip"])
def test_an_archive_that_is_none_is_refused(files: dict[str, CityFile], content: bytes) -> None:
    received, run = take(replace(files["koa020"], content=content))
    assert (received.state, run.state) == (ReceivedFile.State.QUARANTINED, "finished")
    assert "再送" in received.refusal_message
    assert registered() == (0, 0, 0)


def test_an_archive_without_its_index_is_refused(files: dict[str, CityFile]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("000000001.xml", b"<KOA020/>")
    received, _ = take(replace(files["koa020"], content=buffer.getvalue()))
    assert received.state == ReceivedFile.State.QUARANTINED
    assert "index.csv" in received.refusal_message


def test_a_line_that_breaks_the_import_stands_alone_on_the_work_list(
    files: dict[str, CityFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    from eltax_bridge.services import imports

    genuine = imports.wage_report
    poisoned = []

    def breaking(values: dict[str, object]) -> object:
        if values["employee_no"] == poisoned[0]:
            raise ValueError("unforeseen")
        return genuine(values)

    whole = files["kyuho_315"]
    poisoned.append(layouts.get("kyuho_315", whole.edition).parse(whole.content).records[7].values["employee_no"])
    monkeypatch.setattr(imports, "wage_report", breaking)
    received, run = take(whole)
    alike = sum(
        record.values["employee_no"] == poisoned[0]
        for record in layouts.get("kyuho_315", whole.edition).parse(whole.content).records
    )
    assert SourceDocument.objects.count() == whole.content.count(b"\r\n") - alike
    assert received.state == ReceivedFile.State.PARTLY_APPLIED
    assert run.work_items.count() == alike


# ---- 他団体分・様式にない項目


def with_code(file: CityFile, places: range, code: bytes) -> CityFile:
    """The file with another municipality as the addressee of these lines; the 送付票 is left behind."""
    table = layouts.get(file.format, file.edition)
    at = table.names.index(str(table.options["addressee"]))
    lines = file.content.split(b"\r\n")
    for place in places:
        cells = lines[place].split(b",")
        lines[place] = b",".join([*cells[:at], code, *cells[at + 1 :]])
    return replace(file, name=f"code-{file.name}", content=b"\r\n".join(lines), manifest=b"")


@pytest.mark.req("R-202")
@pytest.mark.parametrize("format_name", LINES)
def test_a_record_for_another_municipality_is_set_aside_and_leaves_nothing(
    files: dict[str, CityFile], format_name: str
) -> None:
    first = int(format_name.startswith("local_"))
    foreign = with_code(files[format_name], range(first + 1, first + 2), b"011002")
    received, _ = take(foreign)
    whole = files[format_name].content.count(b"\r\n") - first
    assert (received.state, received.record_count, received.error_count) == ("partly_applied", whole - 1, 1)
    told = received.line_errors.get(severity="error")
    assert (told.line_no, told.code) == (first + 2, "L0106")
    assert "当市のものではありません" in told.message_ja
    _, papers, summaries = registered()
    assert papers + summaries == whole - 1


@pytest.mark.req("R-202")
@pytest.mark.parametrize("format_name", LINES)
def test_a_file_of_another_municipality_is_refused_whole(files: dict[str, CityFile], format_name: str) -> None:
    first = int(format_name.startswith("local_"))
    whole = files[format_name].content.count(b"\r\n")
    received, _ = take(with_code(files[format_name], range(first, whole), b"011002"))
    assert (received.state, received.refusal_code) == ("quarantined", "L0106")
    assert "他団体のファイル" in received.refusal_message
    assert registered() == (0, 0, 0)


@pytest.mark.req("R-202")
def test_a_return_for_another_municipality_is_not_even_read(files: dict[str, CityFile]) -> None:
    archive, buffer = files["koa020"], io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive.content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "index.csv":
                table = layouts.get("local_kokuzei_index")
                at = table.names.index("municipality_code")
                lines = content.split(b"\r\n")
                cells = lines[1].split(b",")
                lines[1] = b",".join([*cells[:at], b"011002", *cells[at + 1 :]])
                content = b"\r\n".join(lines)
            new.writestr(name, content)
        returns = len(old.namelist()) - 1
    received, _ = take(replace(archive, content=buffer.getvalue()))
    assert received.error_count == 1
    assert SourceDocument.objects.count() == returns - 1
    assert received.line_errors.get(severity="error").code == "L0106"


@pytest.mark.req("R-203")
@pytest.mark.parametrize("format_name", ["kyuho_315", "nenpo_331"])
def test_a_file_with_a_column_that_the_form_lacks_is_refused_whole_and_told(
    files: dict[str, CityFile], format_name: str
) -> None:
    whole = files[format_name]
    lines = [line + b",memo" if line.strip(b"\x1a") else line for line in whole.content.split(b"\r\n")]
    received, _ = take(replace(whole, name="wide.csv", content=b"\r\n".join(lines), manifest=b""))
    assert (received.state, received.refusal_code) == ("quarantined", "L0109")
    assert "項目のため、この版では読めません" in received.refusal_message
    assert registered() == (0, 0, 0)


@pytest.mark.req("R-203")
def test_an_item_that_the_return_s_form_lacks_is_reported_and_kept_nowhere(files: dict[str, CityFile]) -> None:
    archive = files["koa020"]
    with zipfile.ZipFile(io.BytesIO(archive.content)) as opened:
        name = next(one for one in opened.namelist() if one.endswith(".xml"))
        payload = opened.read(name)
    secret = "様式にない申告者の秘密"
    place = payload.index(b">", payload.index(b"<KOA020")) + 1
    strange = payload[:place] + f"<ZZZ99999>{secret}</ZZZ99999>".encode() + payload[place:]
    received, _ = take(returns_with(archive, {0: strange}))
    told = received.line_errors.get(severity="warning", code="L0109")
    assert "ZZZ99999" in told.message_ja
    stored = [str(list(row.values())) for row in SourceDocument.objects.values()]
    stored += [str(list(row.values())) for row in LineError.objects.values()]
    assert stored
    assert not [row for row in stored if secret in row]
