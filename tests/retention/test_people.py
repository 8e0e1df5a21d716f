"""Numbers go before the record that bore them, people when no tax record is left (R-190, N-077, 番号法20条)."""

from datetime import date

import pytest
from django.db import connection

from addressbook.models import Address, Party, PartyVersion
from assessment.models import AssessmentRun, Decision, ResidentFacts
from collection.services.levy import levy_post
from taxsys.platform.audit.context import using
from taxsys.platform.retention.models import ErasureCertificate
from taxsys.platform.retention.services import list_make
from tests.addressbook.people import person
from tests.collection.books import ordinary
from tests.intermediary.people import run_of
from tests.retention.people import SOMEBODY, as_role, candidates, erased

pytestmark = pytest.mark.django_db
LEFT = date(2016, 5, 1)


def number_under(party: Party) -> None:
    """A sealed number of the party; what it is sealed from does not matter here."""
    as_role(
        "taxsys_vault",
        "INSERT INTO vault.data_key (key_version, wrapped, provider) VALUES (1, '', 'test') ON CONFLICT DO NOTHING",
    )
    as_role(
        "taxsys_vault",
        "INSERT INTO vault.number (id, party_id, valid_from, key_version, nonce, ciphertext, tag, index_odd,"
        " verified_by, source)"
        " VALUES (gen_random_uuid(), %s, '2016-01-01', 1, decode(repeat('00', 12), 'hex'),"
        " decode(repeat('00', 12), 'hex'), decode(repeat('00', 16), 'hex'),"
        " sha256(convert_to(%s, 'UTF8')), 'test', 'test')",
        party.pk,
        str(party.pk),
    )


def numbers() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE taxsys_vault")
        cursor.execute("SELECT count(*) FROM vault.number")
        found: int = cursor.fetchone()[0]
        cursor.execute("SET LOCAL ROLE taxsys_app")
    return found


@pytest.mark.req("R-191")
def test_the_number_of_who_left_goes_first_and_the_person_afterwards() -> None:
    gone, stays = person(1, state="moved_out", left_on=LEFT), person(2)
    number_under(gone)
    number_under(stays)
    stopped = candidates("addressbook.party", "run#1")
    assert list(stopped.items.values_list("root_key", "stop_code")) == [(str(gone.pk), "number")]
    erased("addressbook.number")
    assert numbers() == 1
    assert dict(ErasureCertificate.objects.get().facts["tables"])["個人番号"] == 1
    erased("addressbook.party")
    assert list(Party.objects.values_list("pk", flat=True)) == [stays.pk]
    assert (PartyVersion.objects.count(), Address.objects.count()) == (1, 1)


def test_a_dead_person_s_number_stays_while_a_tax_record_stays() -> None:
    dead = person(1, state="dead", died_on=LEFT)
    number_under(dead)
    levy_post(ordinary(dead.pk, "N1", [(1000, 0, 0)]), dedupe_key="r", occurred_on=LEFT, actor="job:test")
    target = candidates("addressbook.number")
    assert list(target.items.values_list("stop_code", flat=True)) == ["claims"]


def test_a_resident_is_no_candidate() -> None:
    number_under(person(1))
    with using(SOMEBODY):
        assert list_make("addressbook.number", run_key="r") is None
        assert list_make("addressbook.party", run_key="r") is None


def test_a_decision_stays_while_its_year_is_kept_and_goes_with_its_rows_afterwards() -> None:
    party = person(1)
    run_of({party: {}})
    with using(SOMEBODY):
        assert list_make("assessment.decision", run_key="r") is None
    # As the database would stand ten years on: the same decision of an earlier tax year.
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE assessment_decision SET tax_year = 2015, decided_on = '2015-06-01'")
        cursor.execute("UPDATE assessment_assessmentrun SET tax_year = 2015, business_on = '2015-06-01'")
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("SET LOCAL ROLE taxsys_app")
    assert candidates("assessment.run", "run#1").stopped == 1  # a decision stands on it
    erased("assessment.decision")
    assert (Decision.objects.count(), ResidentFacts.objects.count()) == (0, 0)
    erased("assessment.run")
    assert AssessmentRun.objects.count() == 0
