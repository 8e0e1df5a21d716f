"""The mutations of the bench on a small log: edit, delete, swap, cut tail, a day replaced and a day written anew."""

import pytest

from taxsys.platform.audit import sealing
from taxsys.platform.audit.signing import signer
from taxsys.platform.audit.verifying import verify_log
from tests.bench import audit
from tests.bench.tampering import MUTATIONS, found_each


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("R-229")
def test_every_mutation_of_the_log_is_found_and_its_place_named_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "EVENTS_A_SEAL", 20)
    monkeypatch.setattr(audit, "A_TRANSACTION", 4)
    audit.fill_and_seal(250, days=5)
    found = list(found_each())
    assert [(one.mutation, one.is_right) for one in found] == [(one.__name__, True) for one in MUTATIONS], found
    clean = verify_log(public=signer().public)
    assert (clean.faults, clean.sealed, clean.heads) == ([], 250, 5)
