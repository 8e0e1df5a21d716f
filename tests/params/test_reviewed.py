"""A parameter set is used for a decision only with a reviewed fingerprint: the golden file of the law."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from assessment.resident import reviewed
from assessment.resident.rules.pipeline import TAX_YEARS, resident_law

CITY_CODE = "012041"


@pytest.mark.parametrize("tax_year", TAX_YEARS)
def test_the_files_are_the_reviewed_ones(tax_year: int) -> None:
    assert reviewed.law_refusal_ja(resident_law(tax_year, CITY_CODE), CITY_CODE) == ""


@pytest.mark.req("R-019")
def test_one_changed_yen_is_refused_with_both_fingerprints() -> None:
    law = resident_law(2026, CITY_CODE)
    changed = law.overlay({"resident.per_capita.city": 3_001})
    refusal = reviewed.law_refusal_ja(changed, CITY_CODE)
    assert refusal.startswith("令和8年度の法定値が審査済のもの")
    assert law.hash[:12] in refusal
    assert changed.hash[:12] in refusal


def test_a_municipality_without_a_review_is_refused() -> None:
    assert "審査されていません" in reviewed.law_refusal_ja(resident_law(2026), "")


def test_the_command_names_every_year_that_differs_and_writes_the_review(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    known = dict(reviewed.reviewed_hashes())
    monkeypatch.setattr(reviewed, "reviewed_hashes", lambda: known | {"012041/2025": "0" * 64})
    with pytest.raises(CommandError, match="令和7年度の法定値が審査済のもの"):
        call_command("law_reviewed", stdout=StringIO())
    target = tmp_path / "reviewed.toml"
    monkeypatch.setattr("assessment.management.commands.law_reviewed.REVIEWED_FILE", target)
    call_command("law_reviewed", "--write", stdout=StringIO())
    assert target.read_text(encoding="utf-8") == reviewed.REVIEWED_FILE.read_text(encoding="utf-8")
