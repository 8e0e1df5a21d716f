"""A number binds a paper only where name and birth date are its holder's, already at the intake (N-010, R-206)."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from addressbook.models import Party, PartyVersion
from addressbook.services.likeness import PaperPerson, likeness_of
from addressbook.services.numbers import number_spells, parties_with_number
from assessment.models import MatchMethod, SourceDocument, SourceState
from eltax_bridge.services import imports
from eltax_bridge.services.matching import documents_match, unmatched_documents
from taxsys.city.deliveries import CityDeliveries, city_file
from taxsys.city.documents import half_kana, report_birth
from taxsys.city.people import Person
from taxsys.platform.jobs.intake import file_open
from tests.eltax_bridge.test_imports import receive, take

pytestmark = pytest.mark.req("R-206", "R-012")
NUMBER_ITEMS = ["my_number", "name", "birth_on"]


def numbered(city: CityDeliveries) -> list[dict[str, str]]:
    """Wage reports as the city's employers send them, each with the payee's own number."""
    own = {person.number for person in city.people.persons}
    return [dict(record) for _, record in city._wages["main"] if record["payee_my_number"] in own]


def taken_in(*reports: dict[str, str], name: str = "315_own") -> list[SourceDocument]:
    """The reports sent as one file and taken in; their papers in order."""
    file = city_file(name, "kyuho_315", list(reports), "eLTAX", date(2026, 1, 30), edition="local2025", channel="line")
    received = receive(file)
    imports.wage_lines_import(received, 0, file_open(received))
    return list(SourceDocument.objects.filter(received_file=received).order_by("line_no"))


def person_of(city: CityDeliveries, report: dict[str, str]) -> Person:
    return next(one for one in city.people.persons if one.number == report["payee_my_number"])


def party_of(city: CityDeliveries, report: dict[str, str]) -> Party:
    return Party.objects.get(person_no=person_of(city, report).person_no)


def refused(paper: SourceDocument, holder: UUID, *contradicting: str) -> None:
    """The paper is bound to nobody, waits on the work list, and tells whose number it brought and what contradicts."""
    assert (paper.party_id, paper.state, paper.match_method) == (None, SourceState.UNMATCHED, MatchMethod.NONE)
    assert paper.match_evidence == {"holder": str(holder), "contradicting": list(contradicting)}
    assert paper.number_ref is not None
    assert not paper.match_events.exists()


def test_the_right_person_is_bound_with_number_name_and_birthday_as_evidence(register: CityDeliveries) -> None:
    report = numbered(register)[0]
    (paper,) = taken_in(report)
    assert (paper.party_id, paper.state) == (party_of(register, report).pk, SourceState.ACTIVE)
    assert paper.match_evidence == {"agreed": NUMBER_ITEMS}
    assert paper.match_events.get().evidence == {"agreed": NUMBER_ITEMS}


def test_a_name_before_marriage_in_the_history_is_the_same_person(register: CityDeliveries) -> None:
    report = numbered(register)[0]
    party = party_of(register, report)
    PartyVersion.objects.filter(party=party).update(valid_to=date(2025, 11, 1))
    married = PartyVersion.objects.get(party=party)
    married.pk, married.valid_from, married.valid_to = None, date(2025, 11, 1), None
    married.name, married.name_kana = "新姓　花子", "シンセイ　ハナコ"
    married.save()
    Party.objects.filter(pk=party.pk).update(name_key="新姓花子", loose_key="シンセハナコ", name=married.name)
    (paper,) = taken_in(report)
    assert paper.party_id == party.pk
    assert paper.match_evidence == {"agreed": ["my_number", "former_name", "birth_on"]}


def test_a_former_surname_on_the_paper_is_the_same_person(register: CityDeliveries) -> None:
    report = numbered(register)[0]
    party = party_of(register, report)
    PartyVersion.objects.filter(party=party).update(former_surname="旧姓")
    given = person_of(register, report).name.partition("　")[2]
    (paper,) = taken_in(report | {"payee_name": f"旧姓　{given}", "payee_kana": half_kana("キユウセイ　ナマエ")})
    assert paper.match_evidence == {"agreed": ["my_number", "former_name", "birth_on"]}


def test_numbers_of_two_siblings_swapped_by_their_employer_bind_neither(register: CityDeliveries) -> None:
    reports = numbered(register)
    first = reports[0]
    surname = person_of(register, first).name.partition("　")[0]
    sibling = next(
        one for one in reports[1:]
        if person_of(register, one).name != person_of(register, first).name
        and person_of(register, one).birth_on != person_of(register, first).birth_on
    )  # fmt: skip
    given = person_of(register, sibling).name.partition("　")[2]
    names = {"payee_name": f"{surname}　{given}"}
    numbers = first["payee_my_number"], sibling["payee_my_number"]
    papers = taken_in(first | {"payee_my_number": numbers[1]}, sibling | names | {"payee_my_number": numbers[0]})
    refused(papers[0], party_of(register, sibling).pk, "name", "birth_on")
    refused(papers[1], party_of(register, first).pk, "name", "birth_on")
    # The batch that matches by kana, birth date and address leaves them to people too.
    counts = documents_match(unmatched_documents(2026))
    assert (counts.bound, [reason for _, reason in counts.left]) == (0, ["number_mismatch"] * 2)


def test_swapped_numbers_of_twins_are_told_by_the_given_name(register: CityDeliveries) -> None:
    report = numbered(register)[0]
    surname = person_of(register, report).name.partition("　")[0]
    (paper,) = taken_in(report | {"payee_name": f"{surname}　双二", "payee_kana": half_kana("フタゴ　ソウジ")})
    refused(paper, party_of(register, report).pk, "name")


def test_a_wrong_birth_date_leaves_the_paper_to_people(register: CityDeliveries) -> None:
    report = numbered(register)[0]
    born = person_of(register, report).birth_on
    wrong = born.replace(day=born.day % 28 + 1)
    (paper,) = taken_in(report | report_birth(wrong))
    refused(paper, party_of(register, report).pk, "birth_on")


@pytest.mark.req("R-194")
@pytest.mark.parametrize(("died_on", "is_bound"), [(date(2025, 6, 1), True), (date(2024, 12, 31), False)])
def test_the_number_of_a_dead_person_counts_for_the_years_he_lived_in(
    register: CityDeliveries, died_on: date, is_bound: bool
) -> None:
    report = numbered(register)[0]
    party = party_of(register, report)
    PartyVersion.objects.filter(party=party).update(state="dead", died_on=died_on)
    Party.objects.filter(pk=party.pk).update(state="dead")
    (paper,) = taken_in(report)
    if is_bound:
        assert (paper.party_id, paper.match_evidence) == (party.pk, {"agreed": NUMBER_ITEMS})
    else:
        refused(paper, party.pk, "died_on")
    assert parties_with_number([party.pk]) == {party.pk}
    assert [spell.status for spell in number_spells(party.pk)] == ["active"]


@pytest.mark.req("R-194")
def test_the_number_of_a_dead_husband_on_the_widows_paper_binds_nobody(register: CityDeliveries) -> None:
    widow, husband = numbered(register)[:2]
    party = party_of(register, husband)
    PartyVersion.objects.filter(party=party).update(state="dead", died_on=date(2025, 6, 1))
    Party.objects.filter(pk=party.pk).update(state="dead")
    (paper,) = taken_in(widow | {"payee_my_number": husband["payee_my_number"]})
    assert paper.party_id is None
    assert "name" in paper.match_evidence["contradicting"]


def test_a_correction_whose_number_is_another_persons_does_not_inherit_the_binding(register: CityDeliveries) -> None:
    report, other = numbered(register)[:2]
    (paper,) = taken_in(report)
    changed = {"filing_kind": "2", "payee_my_number": other["payee_my_number"]}
    (correction,) = taken_in(report | changed, name="315_corrected")
    assert paper.party_id == party_of(register, report).pk
    assert (correction.party_id, correction.state) == (None, SourceState.UNMATCHED)


def test_nor_does_a_correction_that_came_before_the_report_it_corrects(register: CityDeliveries) -> None:
    report, other = numbered(register)[:2]
    changed = {"filing_kind": "2", "payee_my_number": other["payee_my_number"]}
    (correction,) = taken_in(report | changed, name="315_corrected")
    assert correction.party_id is None
    taken_in(report)
    correction.refresh_from_db()
    assert (correction.party_id, correction.state) == (None, SourceState.UNMATCHED)


def test_the_work_list_is_not_flooded_no_paper_of_the_city_contradicts(register: CityDeliveries) -> None:
    importers: list[tuple[str, Any]] = [
        ("kyuho_315", imports.wage_lines_import),
        ("nenpo_331", imports.pension_lines_import),
        ("local_onestop_tsuchi", imports.onestop_lines_import),
    ]
    for format_name, importer in importers:
        received, lines = take(register, format_name)
        importer(received, 0, lines)
    assert SourceDocument.objects.filter(match_method=MatchMethod.NUMBER).count() > 150
    assert not SourceDocument.objects.filter(match_evidence__has_key="contradicting").exists()


def test_the_comparison_costs_one_statement_for_any_number_of_papers(
    register: CityDeliveries, django_assert_max_num_queries: Any
) -> None:
    parties = list(Party.objects.filter(kind="resident")[:100])
    pairs = [(one.pk, PaperPerson(name=one.name, name_kana=one.name_kana, birth_on=one.birth_on)) for one in parties]
    with django_assert_max_num_queries(1):
        assert {one.agreed for one in likeness_of(pairs)} == {("name", "birth_on")}
