"""Papers without a usable number find their person by kana, birth date and address, or go to the work list."""

import pytest

from assessment.models import MatchMethod, SourceDocument, SourceState
from assessment.sources.services import match_undo
from eltax_bridge.services import imports
from eltax_bridge.services.matching import documents_match, unmatched_documents
from taxsys.city.deliveries import CityDeliveries
from tests.eltax_bridge.test_imports import take


@pytest.fixture
def papers(register: CityDeliveries) -> CityDeliveries:
    received, lines = take(register, "kyuho_315")
    imports.wage_lines_import(received, 0, lines)
    return register


@pytest.mark.req("R-012")
def test_papers_without_number_are_bound_by_kana_birth_and_address(papers: CityDeliveries) -> None:
    without = unmatched_documents(2026)
    assert without
    counts = documents_match(without)
    assert (counts.looked_at, counts.bound) == (len(without), len(without) - len(counts.left))
    bound = SourceDocument.objects.filter(pk__in=without, party__isnull=False).select_related("party")
    assert {one.match_method for one in bound} == {MatchMethod.KANA_BIRTH_ADDRESS}
    for one in bound:
        assert one.party.birth_on == one.birth_on
        assert one.match_evidence["agreed"]


def test_a_second_time_changes_nothing(papers: CityDeliveries) -> None:
    without = unmatched_documents(2026)
    documents_match(without)
    left = len(unmatched_documents(2026))
    assert documents_match(without).bound == 0
    assert len(unmatched_documents(2026)) == left


def test_a_binding_can_be_undone_and_stays_on_record(papers: CityDeliveries) -> None:
    document = SourceDocument.objects.filter(party__isnull=False).first()
    match_undo(document.pk, actor_id="1001", reason="同姓同名の別人でした")
    document.refresh_from_db()
    assert (document.party_id, document.state) == (None, SourceState.UNMATCHED)
    assert list(document.match_events.order_by("pk").values_list("is_undo", flat=True)) == [False, True]
