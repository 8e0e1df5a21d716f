"""Numbers of a file are in use, marked as unapproved, until two people have compared a sample of it (R-206, R-207)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from addressbook.errors import NumberFileClosed
from addressbook.models import NumberFile, NumberTask, Party, PartyVersion
from addressbook.number_codes import SampleOutcome
from addressbook.number_sources import NumberLine, NumberSource, formats
from addressbook.permissions import (
    APPROVE_NUMBER_FILE,
    CHECK_NUMBER_FILE,
    VIEW_NUMBER_STATE,
    VIEW_PARTY,
)
from addressbook.services import number_files
from addressbook.services.feed import feed_apply_chunk
from addressbook.services.number_files import KIND, files_adopt
from addressbook.services.numbers import (
    feed_numbers_assign,
    hold_number,
    number_bind_held,
    number_file_counts,
    number_hold_many,
    number_spells,
    parties_by_numbers,
)
from assessment.models import SourceDocument
from eltax_bridge.services import imports
from eltax_bridge.services.matching import documents_match, unmatched_documents
from taxsys.city.deliveries import CityDeliveries, resident_files
from taxsys.platform.approvals.errors import NotEntitled
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.permissions import DECIDE, VIEW_QUEUE
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.parsing import file_parsed
from taxsys.platform.files.services import file_applied
from taxsys.platform.staff.permissions import HOME
from tests.eltax_bridge.test_imports import receive, take
from tests.platform.actors import officer, sign_in

BASE = [HOME, VIEW_PARTY, VIEW_NUMBER_STATE, VIEW_QUEUE, DECIDE]
TODAY = date(2026, 2, 2)


@pytest.fixture
def wages(register: CityDeliveries, settings: Any) -> ReceivedFile:
    """A file of wage reports, wholly taken in and matched."""
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()
    received, lines = take(register, "kyuho_315")
    imports.wage_lines_import(received, 0, lines)
    file_applied(received, complete=True)
    documents_match(unmatched_documents(2026))
    return ReceivedFile.objects.get(pk=received.pk)


@pytest.fixture
def clerk(db: None) -> Client:
    return sign_in(Client(), officer("5001", permissions=[*BASE, CHECK_NUMBER_FILE, APPROVE_NUMBER_FILE]))


@pytest.fixture
def chief(db: None) -> Client:
    return sign_in(Client(), officer("5002", permissions=[*BASE, CHECK_NUMBER_FILE, APPROVE_NUMBER_FILE]))


def post(client: Client, received: ReceivedFile, act: str) -> Any:
    return client.post(f"/party/number-files/{received.pk}/{act}")


def decide(client: Client, decision: str = "approve", reason: str = "") -> Any:
    approval = Approval.objects.get(kind=KIND, state="proposed")
    values = {"decision": decision, "reason": reason, "seen_hash": approval.content_hash}
    return client.post(f"/approvals/{approval.pk}/decide", values)


def state_of(received: ReceivedFile) -> str:
    return NumberFile.objects.get(pk=received.pk).state


def numbers_in(received: ReceivedFile) -> list[str]:
    return [
        number
        for record in file_parsed(received).records
        if (number := str(record.values.get("payee_my_number") or record.values.get("my_number") or ""))
    ]


@pytest.mark.req("R-207", "R-206")
def test_numbers_of_a_file_are_used_at_once_and_confirmed_by_two_people(
    wages: ReceivedFile, clerk: Client, chief: Client, settings: Any
) -> None:
    settings.TAXSYS_NUMBER_FILE_SAMPLE = 12
    assert state_of(wages) == "unapproved"
    assert SourceDocument.objects.filter(party__isnull=False).exists()
    page = clerk.get("/party/number-files").content.decode()
    assert wages.name in page
    assert "未承認" in page
    assert post(clerk, wages, "draw").status_code == 302
    entry = NumberFile.objects.get(pk=wages.pk)
    assert (len(entry.sample), entry.drawn_by) == (12, "5001")
    assert {row[1] for row in entry.sample} <= {"agrees", "unknown", "empty", "items_differ", "bad_digit"}
    assert [row[1] for row in entry.sample].count("agrees") >= 8
    assert post(clerk, wages, "propose").status_code == 302
    approval = Approval.objects.get(kind=KIND)
    assert approval.content["after"]["sha256"] == wages.sha256
    assert "先に標本を再照合" in decide(chief).content.decode()
    assert post(chief, wages, "check")["Location"] == f"/approvals/{approval.pk}"
    assert decide(chief).status_code == 302
    entry.refresh_from_db()
    assert (entry.state, entry.checked_by) == ("approved", "5002")
    bound = Party.objects.filter(pk__in=SourceDocument.objects.values("party_id"), kind="nonresident_registrant")
    for party in bound:
        assert [one.file_id for one in number_spells(party.pk)] == [wages.pk]


@pytest.mark.req("R-214")
def test_no_page_of_the_sample_shows_a_digit_of_a_number(wages: ReceivedFile, clerk: Client) -> None:
    post(clerk, wages, "draw")
    page = clerk.get(f"/party/number-files/{wages.pk}/").content.decode()
    assert SampleOutcome.AGREES.label in page
    for number in numbers_in(wages):
        assert number not in page
        assert number not in str(NumberFile.objects.get(pk=wages.pk).sample)
    shown = AccessEvent.objects.filter(record_type="number_file", action="view").latest("pk")
    assert set(shown.subjects) == {row[2] for row in NumberFile.objects.get(pk=wages.pk).sample if row[2]}


@pytest.mark.req("R-207")
@pytest.mark.req("N-010")
def test_a_line_without_kana_is_compared_by_its_name_and_always_by_its_birth_date(
    wages: ReceivedFile, clerk: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TAXSYS_NUMBER_FILE_SAMPLE = 12
    source = number_files.source_of(wages)
    assert source is not None

    def outcomes(**changed: Any) -> list[str]:
        def read(received: ReceivedFile, positions: Sequence[int]) -> list[NumberLine]:
            return [replace(line, **changed) for line in source.read(received, positions)]

        NumberFile.objects.filter(pk=wages.pk).update(drawn_by="", sample=[])
        monkeypatch.setattr(number_files, "source_of", lambda _file: NumberSource("x", source.count, read))
        monkeypatch.setattr(number_files.secrets, "token_hex", lambda _bytes: "5" * 32)
        assert post(clerk, wages, "draw").status_code == 302
        return [row[1] for row in NumberFile.objects.get(pk=wages.pk).sample]

    as_filed = outcomes()
    assert as_filed.count("agrees") >= 8
    assert outcomes(name_kana="") == as_filed
    assert outcomes(name="") == as_filed
    for wrong in ({"name": "別人　太郎", "name_kana": ""}, {"birth_on": date(1900, 1, 1)}):
        found = outcomes(**wrong)
        assert found.count("agrees") == 0
        assert found.count("items_differ") == as_filed.count("agrees") + as_filed.count("items_differ")


@pytest.mark.req("R-207")
def test_nobody_checks_or_approves_the_own_sample(wages: ReceivedFile, clerk: Client, chief: Client) -> None:
    assert post(clerk, wages, "propose").status_code == 409
    post(clerk, wages, "draw")
    assert post(clerk, wages, "check").status_code == 409
    post(chief, wages, "propose")
    assert post(clerk, wages, "check").status_code == 403
    assert post(chief, wages, "check").status_code == 403
    assert decide(chief).status_code == 403
    third = sign_in(Client(), officer("5003", permissions=[*BASE, APPROVE_NUMBER_FILE]))
    assert post(third, wages, "check").status_code == 302
    assert decide(clerk).status_code == 403
    assert state_of(wages) == "proposed"
    with pytest.raises(IntegrityError, match="numberfile_checked_by_second_person"), transaction.atomic():
        NumberFile.objects.update(checked_by="5001")
    one = officer("5001")
    with pytest.raises(NotEntitled):
        files_adopt([wages.pk], first=one, second=one)


@pytest.mark.req("R-207")
def test_the_first_sample_stands_and_is_drawn_from_an_unforeseen_seed(
    wages: ReceivedFile, clerk: Client, chief: Client, settings: Any
) -> None:
    settings.TAXSYS_NUMBER_FILE_SAMPLE = 5
    post(clerk, wages, "draw")
    first = NumberFile.objects.get(pk=wages.pk)
    post(chief, wages, "draw")
    again = NumberFile.objects.get(pk=wages.pk)
    assert (again.seed, again.sample, again.drawn_by) == (first.seed, first.sample, "5001")
    assert len(first.seed) == 32


@pytest.mark.req("R-207", "R-200")
def test_a_number_that_is_another_persons_shows_in_the_sample(
    wages: ReceivedFile, clerk: Client, settings: Any
) -> None:
    settings.TAXSYS_NUMBER_FILE_SAMPLE = 10_000
    number = next(one for one in numbers_in(wages) if parties_by_numbers([one])[0] is not None)
    holder = parties_by_numbers([number])[0]
    Party.objects.filter(pk=holder).update(loose_key="ﾍﾞﾂｼﾞﾝ", name_key="別人")
    PartyVersion.objects.filter(party_id=holder).update(name="別人", name_kana="ベツジン", former_surname="", alias="")
    post(clerk, wages, "draw")
    outcomes = {row[2]: row[1] for row in NumberFile.objects.get(pk=wages.pk).sample}
    assert outcomes[str(holder)] == "items_differ"
    assert "番号の持ち主と氏名・生年月日が相違" in clerk.get(f"/party/number-files/{wages.pk}/").content.decode()


@pytest.mark.req("R-207", "R-209")
def test_a_file_that_changed_on_the_disk_is_neither_compared_nor_approved(
    wages: ReceivedFile, clerk: Client, chief: Client, data_folder: Any
) -> None:
    post(clerk, wages, "draw")
    post(clerk, wages, "propose")
    post(chief, wages, "check")
    stored = next(path for path in data_folder.rglob("*") if path.is_file() and path.match(f"*{wages.stored_path}"))
    stored.chmod(0o600)
    content = bytearray(stored.read_bytes())
    content[-1] ^= 1
    stored.write_bytes(bytes(content))
    assert post(chief, wages, "check").status_code == 503
    assert decide(chief).status_code == 409
    assert (state_of(wages), Approval.objects.get(kind=KIND).state) == ("unapproved", "void")


@pytest.mark.req("R-207")
def test_numbers_that_come_later_reopen_the_verdict(wages: ReceivedFile, clerk: Client, chief: Client) -> None:
    post(clerk, wages, "draw")
    post(clerk, wages, "propose")
    post(chief, wages, "check")
    number_hold_many([("9行目", "123456789018")], source="kyuho_315", file=wages)
    assert state_of(wages) == "unapproved"
    assert decide(chief).status_code == 409
    assert NumberFile.objects.get(pk=wages.pk).drawn_by == ""


@pytest.mark.req("R-207")
def test_refused_numbers_are_out_of_use_everywhere(
    register: CityDeliveries, clerk: Client, chief: Client, settings: Any
) -> None:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()
    received, _ = take(register, "nenpo_331")
    file_applied(received, complete=True)
    party = Party.objects.filter(kind="resident").order_by("pk")[0]
    newcomer = Party.objects.create(
        person_no="N00000000000099", kind="nonresident_registrant", name="外　一郎", name_kana="ソト　イチロウ",
        state="active", recorded_at="2026-02-01T00:00:00Z",
    )  # fmt: skip
    assert number_spells(party.pk)[0].status == "active"
    feed_numbers_assign([(party.pk, "123456789018", 1)], source="juki", file=received)
    held = number_hold_many([("1行目", "123456789026"), ("2行目", "123456789050")], source="x", file=received)
    assert number_bind_held(held[0].ref, newcomer.pk) == "stored"  # type: ignore[arg-type]
    assert number_file_counts([received.pk]) == {received.pk: (2, 1, 0)}
    post(clerk, received, "draw")
    post(clerk, received, "propose")
    assert decide(chief, "reject", "送付元の誤り").status_code == 302
    assert state_of(received) == "refused"
    assert parties_by_numbers(["123456789018", "123456789026"]) == [None, None]
    assert number_file_counts([received.pk]) == {received.pk: (0, 0, 2)}
    assert [one.status for one in number_spells(newcomer.pk)] == ["refused"]
    # What the file's number had replaced counts again.
    assert sorted(one.status for one in number_spells(party.pk)) == ["active", "refused"]
    # The number can be registered anew from a right source, and the file brings none any more.
    assert hold_number("x", "123456789018", source="y") is not None
    with pytest.raises(NumberFileClosed, match="否認"):
        number_hold_many([("3行目", "123456789018")], source="x", file=received)


@pytest.mark.req("R-206")
def test_a_papers_number_is_compared_with_the_resident_records(register: CityDeliveries) -> None:
    received, _ = take(register, "kyuho_315")
    party = Party.objects.filter(kind="resident").order_by("pk").first()
    assert party is not None
    newcomer = Party.objects.create(
        person_no="N00000000000098", kind="nonresident_registrant", name="外　二郎", name_kana="ソト　ジロウ",
        state="active", recorded_at="2026-02-01T00:00:00Z",
    )  # fmt: skip
    wrong, fresh = number_hold_many(
        [("1行目", "123456789018"), ("2行目", "123456789026")], source="kyuho", file=received
    )
    # A resident's paper with another number than the resident record has: nothing is stored, a work item stands.
    assert number_bind_held(wrong.ref, party.pk) == "different"  # type: ignore[arg-type]
    task = NumberTask.objects.get()
    assert (task.kind, task.party_id, task.held_ref) == ("different_number", party.pk, wrong.ref)
    # A number the resident records do not know is the sender's word until they confirm it.
    number_bind_held(fresh.ref, newcomer.pk)  # type: ignore[arg-type]
    assert number_spells(newcomer.pk)[0].verified_by == "upstream"
    feed_numbers_assign([(newcomer.pk, "123456789026", 2)], source="juki")
    assert number_spells(newcomer.pk)[0].verified_by == "resident-record"


def test_single_changes_of_the_resident_register_need_no_approval_but_the_first_load_does(
    db: None, data_folder: object, acting: None, city: CityDeliveries, settings: Any
) -> None:
    feed = next(one for one in resident_files(city.people) if one.format == "local_juki_ido")
    received = receive(feed)
    records = [record.values for record in file_parsed(received).records]
    received.record_count = len(records)
    received.save()
    settings.TAXSYS_NUMBER_FILE_FEED_FROM = len(records) + 1
    feed_apply_chunk(records[:10], source="juki", file=received)
    assert state_of(received) == "automatic"
    NumberFile.objects.all().delete()
    settings.TAXSYS_NUMBER_FILE_FEED_FROM = len(records)
    feed_apply_chunk(records[10:20], source="juki", file=received)
    assert state_of(received) == "unapproved"


@pytest.mark.req("R-207")
def test_every_format_that_brings_numbers_can_be_sampled(
    register: CityDeliveries, settings: Any, clerk: Client
) -> None:
    assert formats() == ("koa020", "kyuho_315", "local_juki_ido", "local_onestop_tsuchi", "nenpo_331")
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()
    importers = {
        "nenpo_331": imports.pension_lines_import,
        "local_onestop_tsuchi": imports.onestop_lines_import,
        "koa020": imports.returns_import,
    }
    for format_name, importer in importers.items():
        file = next(one for one in register.spring_files() if one.format == format_name)
        received = receive(file)
        lines = imports.archive_open(received) if format_name == "koa020" else len(file_parsed(received).records)
        importer(received, 0, lines)
        file_applied(received, complete=True)
        assert post(clerk, received, "draw").status_code == 302
        outcomes = [row[1] for row in NumberFile.objects.get(pk=received.pk).sample]
        assert len(outcomes) == min(lines, settings.TAXSYS_NUMBER_FILE_SAMPLE)
        assert "agrees" in outcomes


def test_files_of_before_the_register_are_adopted_in_one_act_of_two_people(wages: ReceivedFile) -> None:
    assert files_adopt([wages.pk], first=officer("5001"), second=officer("5002")) == 1
    assert files_adopt([wages.pk], first=officer("5001"), second=officer("5002")) == 0
    assert state_of(wages) == "approved"
    assert AccessEvent.objects.filter(record_type="number_file", reason="adopted", count=1).exists()
