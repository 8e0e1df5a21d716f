"""A copy of a parameter set restores to exactly that set, or is refused."""

import json

import numpy as np
import pytest

from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import RESIDENT_RESULT, compute, resident_law
from taxsys.params.archive import law_pack, law_unpack
from taxsys.params.errors import ParameterError


@pytest.mark.parametrize("tax_year", [2024, 2025, 2026, 2027])
def test_a_copy_computes_what_the_files_compute(tax_year: int) -> None:
    law = resident_law(tax_year, "012041")
    again = law_unpack(json.loads(json.dumps(law_pack(law))), expected_hash=law.hash)
    assert again.hash == law.hash
    assert list(again) == list(law)
    facts = RESIDENT_FACTS.batch({"salary_receipts_yen": [0, 4_000_000, 12_000_000], "has_spouse": [0, 1, 1]})
    now, then = compute(facts, law).columns, compute(facts, again).columns
    assert all(np.array_equal(now[column.name], then[column.name]) for column in RESIDENT_RESULT)


def test_a_copy_that_was_changed_is_refused() -> None:
    law = resident_law(2026, "012041")
    content = law_pack(law)
    content["values"]["resident.per_capita.city"]["value"] += 1
    with pytest.raises(ParameterError, match="写しが指紋"):
        law_unpack(content, expected_hash=law.hash)
