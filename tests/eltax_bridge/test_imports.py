"""Reports and returns become source documents; numbers go to the vault and nowhere else."""

import json

import pytest

from addressbook.models import Party
from assessment.models import MatchMethod, SourceDocument, SourceState, SubmissionSummary, Withholder
from eltax_bridge.services import imports
from taxsys.city.deliveries import CityDeliveries, CityFile
from taxsys.kernel.checkdigits import my_number_valid
from taxsys.platform.files.errors import DuplicateFile
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.services import file_receive
from taxsys.platform.jobs.intake import file_open


def receive(file: CityFile) -> ReceivedFile:
    return file_receive(
        name=file.name, content=file.content, format=f"{file.format}/{file.edition}", sender=file.sender,
        channel=file.channel,
    )  # fmt: skip


def spring(city: CityDeliveries, format_name: str) -> CityFile:
    return next(one for one in city.spring_files() if one.format == format_name)


def take(city: CityDeliveries, format_name: str) -> tuple[ReceivedFile, int]:
    received = receive(spring(city, format_name))
    return received, file_open(received)


@pytest.mark.req("R-012")
def test_wage_reports_are_matched_by_number_with_evidence(register: CityDeliveries) -> None:
    received, lines = take(register, "kyuho_315")
    counts = imports.wage_lines_import(received, 0, lines)
    assert counts.inserted == lines
    matched = SourceDocument.objects.filter(party__isnull=False)
    assert set(matched.values_list("match_method", flat=True)) == {MatchMethod.NUMBER}
    assert matched.first().match_evidence == {"agreed": ["my_number", "name", "birth_on"]}
    unmatched = SourceDocument.objects.filter(party__isnull=True)
    assert set(unmatched.values_list("state", flat=True)) <= {SourceState.UNMATCHED}
    document = matched.order_by("pk").first()
    assert Party.objects.get(pk=document.party_id).birth_on == document.birth_on


def test_the_same_lines_again_change_nothing(register: CityDeliveries) -> None:
    received, lines = take(register, "kyuho_315")
    imports.wage_lines_import(received, 0, lines)
    counts = imports.wage_lines_import(received, 0, lines)
    assert (counts.inserted, counts.repeated) == (0, lines)
    assert SourceDocument.objects.count() == lines


def test_the_same_file_again_is_refused(register: CityDeliveries) -> None:
    take(register, "kyuho_315")
    with pytest.raises(DuplicateFile):
        receive(spring(register, "kyuho_315"))


@pytest.mark.req("R-017")
def test_withholders_are_known_by_their_designation_number(register: CityDeliveries) -> None:
    received, lines = take(register, "local_soukatsu_17")
    assert imports.summaries_import(received, 0, lines) == lines
    assert SubmissionSummary.objects.count() == lines == Withholder.objects.count()
    one = Withholder.objects.order_by("designation_no").first()
    assert one.party.corporate_no.endswith(one.designation_no[-5:])
    wage_file, wage_lines = take(register, "kyuho_315")
    imports.wage_lines_import(wage_file, 0, wage_lines)
    assert Withholder.objects.count() == lines
    assert not SourceDocument.objects.filter(withholder__isnull=True).exists()


def test_returns_of_a_zip_become_documents_with_relatives(register: CityDeliveries) -> None:
    received = receive(spring(register, "koa020"))
    count = imports.archive_open(received)
    imports.returns_import(received, 0, count)
    documents = SourceDocument.objects.filter(kind="return")
    assert documents.count() == count > 5
    assert documents.filter(party__isnull=True).count() == 0
    by_person = {means.person.person_no: means for means in register.economy.all_means()}
    for document in documents.select_related("party"):
        means = by_person[document.party.person_no]
        assert document.items.get("wage_yen", 0) == means.wage_yen
        assert document.items.get("business_income_yen", 0) == means.business_income_yen
        claim = means.claim
        listed = len(claim.dependants) + len(claim.under16) + len(claim.specific_relatives) + bool(claim.spouse)
        assert len(document.relatives) == listed


def test_pensions_and_one_stop_notices_are_taken_in(register: CityDeliveries) -> None:
    pension_file, pensions = take(register, "nenpo_331")
    imports.pension_lines_import(pension_file, 0, pensions)
    notice_file, notices = take(register, "local_onestop_tsuchi")
    imports.onestop_lines_import(notice_file, 0, notices)
    assert SourceDocument.objects.filter(kind="pension", party__isnull=False).count() == pensions
    donors = SourceDocument.objects.filter(kind="onestop", party__isnull=False)
    assert donors.count() == notices
    donated = {means.person.person_no: means.hometown_donation_yen for means in register.economy.all_means()}
    for notice in donors.select_related("party"):
        assert notice.items["hometown_donation_yen"] == donated[notice.party.person_no]


@pytest.mark.req("R-065")
def test_no_document_holds_a_number(register: CityDeliveries) -> None:
    for format_name, importer in (
        ("kyuho_315", imports.wage_lines_import),
        ("nenpo_331", imports.pension_lines_import),
        ("local_onestop_tsuchi", imports.onestop_lines_import),
    ):
        received, lines = take(register, format_name)
        importer(received, 0, lines)
    numbers = {person.number for person in register.people.persons}
    for document in SourceDocument.objects.all():
        text = json.dumps([document.items, document.relatives, document.match_evidence], ensure_ascii=False)
        text += f"{document.business_key} {document.name} {document.address}"
        assert not any(number in text for number in numbers)


def test_a_wrong_check_digit_keeps_the_report_and_drops_the_number(register: CityDeliveries) -> None:
    received, lines = take(register, "kyuho_315")
    imports.wage_lines_import(received, 0, lines)
    bad = [
        record["payee_my_number"]
        for _, record in register._wages["main"]
        if record["payee_my_number"] and not my_number_valid(record["payee_my_number"])
    ]
    without = [record for _, record in register._wages["main"] if not record["payee_my_number"]]
    unheld = SourceDocument.objects.filter(number_ref__isnull=True).count()
    assert unheld == len(bad) + len(without)
