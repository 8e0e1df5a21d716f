"""What was filed stays, the amendment counts in the next decision, and each decision tells who, by what and on what."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from assessment.decisions.selectors import decision_history, standing_decision_of
from assessment.models import Decision, ResidentFacts, ResidentResult, SourceDocument
from assessment.resident import corrections
from assessment.resident.explain import explanation
from assessment.resident.runs import law_of, stored_facts
from taxsys.city.deliveries import CityDeliveries
from taxsys.platform.outbox.models import OutboxMessage
from tests.assessment.change.decided import correction_run, decide_year, release_correction
from tests.assessment.change.test_corrections import AUGUST, CITY_CODE, person_billed, raise_pay


@pytest.mark.req("R-173")
def test_every_decision_keeps_its_inputs_basis_rule_version_officer_and_approver(city: CityDeliveries) -> None:
    decide_year()
    decisions = list(Decision.objects.select_related("run").order_by("pk"))
    assert len(decisions) > 20
    for decision in decisions:
        run = decision.run
        facts = ResidentFacts.objects.get(run=run, party_id=decision.party_id)
        assert facts.document_ids
        assert set(SourceDocument.objects.filter(pk__in=facts.document_ids).values_list("party_id", flat=True)) == {
            decision.party_id
        }
        assert (len(run.parameter_hash), bool(run.pipeline_version)) == (64, True)
        assert (run.requested_by, decision.released_by, run.released_by) == ("S-CLERK", "S-CHIEF", "S-CHIEF")
        assert decision.recorded_at
        assert ResidentResult.objects.filter(run=run, party_id=decision.party_id).exists()
    told = explanation(stored_facts(decisions[0].run, decisions[0].party_id), law_of(decisions[0].run, CITY_CODE))
    assert told.value_of("annual_tax_yen") == decisions[0].annual_yen
    assert all(step.law for step in told.steps if step.title_ja == "所得割額")
    for change in ({"annual_yen": 1}, {"released_by": "S-X"}, {"cause": "relief"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Decision.objects.filter(pk=decisions[0].pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        ResidentFacts.objects.filter(run=decisions[0].run, party_id=decisions[0].party_id).update(document_ids=[])


@pytest.mark.req("R-195")
def test_an_amended_paper_stands_beside_the_original_submission_by_submission(city: CityDeliveries) -> None:
    decide_year()
    party = person_billed()
    first = SourceDocument.objects.filter(party_id=party, kind="wage", state="active").order_by("-items__wage_yen")[0]
    filed = (first.items, first.received_file_id, first.line_no, first.arrived_on)
    raise_pay(party, 100_000)
    raise_pay(party, 200_000, arrives_on=date(2026, 8, 12))
    first.refresh_from_db()
    assert ((first.items, first.received_file_id, first.line_no, first.arrived_on), first.state) == (
        filed, "superseded",
    )  # fmt: skip
    chain = list(SourceDocument.objects.filter(business_key=first.business_key, tax_year=2026).order_by("pk"))
    assert [one.state for one in chain] == ["superseded", "superseded", "active"]
    assert [one.supersedes_id for one in chain] == [None, chain[0].pk, chain[1].pk]
    assert len({one.received_file_id for one in chain}) == 3
    assert [one.items["wage_yen"] - first.items["wage_yen"] for one in chain] == [0, 100_000, 300_000]


@pytest.mark.req("R-195")
@pytest.mark.parametrize(
    "change",
    [{"items": {}}, {"arrived_on": date(2026, 1, 1)}, {"name": "別人"}, {"relatives": [{}]}, {"tax_year": 2025}],
)
def test_the_database_refuses_to_overwrite_what_was_filed(city: CityDeliveries, change: dict[str, object]) -> None:
    paper = SourceDocument.objects.order_by("pk")[0]
    with pytest.raises(DatabaseError, match="stays as it was filed"), transaction.atomic():
        SourceDocument.objects.filter(pk=paper.pk).update(**change)
    SourceDocument.objects.filter(pk=paper.pk).update(state=paper.state, match_evidence={"agreed": []})


@pytest.mark.req("R-278")
@pytest.mark.req("R-133")
def test_an_amendment_of_yesterday_is_in_todays_correction_and_no_older_state_is_shown(city: CityDeliveries) -> None:
    decide_year()
    party = person_billed()
    before = standing_decision_of(party, tax_year=2026)
    assert before is not None
    raise_pay(party, 1_000_000, arrives_on=date(2026, 8, 16))
    run = correction_run(date(2026, 8, 16), AUGUST)
    assert list(corrections.correction_population(run)) == [party]
    release_correction(run, AUGUST)
    after = standing_decision_of(party, tax_year=2026)
    assert after is not None
    assert (after.version, after.previous_id, after.decided_on) == (before.version + 1, before.pk, AUGUST)
    amended = SourceDocument.objects.get(party_id=party, state="active", kind="wage", arrived_on=date(2026, 8, 16))
    assert amended.pk in ResidentFacts.objects.get(run=run, party_id=party).document_ids
    shown = [one for one in decision_history(party) if one.tax_year == 2026]
    assert [one.pk for one in shown][:2] == [after.pk, before.pk]
    assert OutboxMessage.objects.filter(dedupe_key=f"copy:{party}:2026:{after.version}").exists()
    nothing_left = correction_run(date(2026, 8, 17), AUGUST)
    assert list(corrections.correction_population(nothing_left)) == []
