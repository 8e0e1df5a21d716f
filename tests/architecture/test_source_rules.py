"""Rules about the source text, each with a sample that must fire and one that must not."""

from collections import Counter
from pathlib import Path

import pytest

from tests.architecture import source

SAMPLES = [
    (source.floats, "rate = 0.073", "rate = (73, 1000)"),
    (source.floats, "x = float(yen)", "x = int(yen)"),
    (source.floats, "a = np.float64(1)", "a = np.int64(1)"),
    (source.floats, "share = total / parts", 'file = folder / "name.toml"'),
    (source.floor_divisions, "tax = base // 1000", "tax = floor_1000(base)"),
    (source.floor_divisions, "q, r = divmod(total, 1000)", "year, month = divmod(months, 12)"),
    (source.floor_divisions, "q, r = divmod(total, parts)", "q, r = split_remainder_first(total, 12, 100)"),
    (source.year_comparisons, "if tax_year >= 2024: pass", "if tax_year >= p.first_year: pass"),
    (source.year_comparisons, "ok = 2000 < levy_year", "years = Years(2007, None)"),
    (source.clock_reads, "today = date.today()", "today = clock.today()"),
    (source.clock_reads, "at = timezone.now()", "began = time.monotonic()"),
    (source.clock_reads, "on = timezone.localdate()", "on = timezone.localdate(received_at)"),
    (source.clock_reads, "at = datetime.now(UTC)", "at = clock.now()"),
    (source.long_functions, "def f():\n" + "    x = 1\n" * 70, "def f():\n" + "    x = 1\n" * 69),
    (source.long_files, "x = 1\n" * 451, "x = 1\n" * 450),
    (source.star_and_relative_imports, "from collection.models import *", "from collection.models import Charge"),
    (source.star_and_relative_imports, "from . import models", "from collection import models"),
    (source.own_signals, "decided = Signal()", "post_migrate.connect(fill, sender=self)"),
    (source.own_signals, "post_save.connect(copy)", "connect(copy)"),
    (source.my_numbers, "number = '" + "12345678901" + "8'", "number = '123456789010'"),
    (source.my_numbers, "number = '" + "１２３４５６７８９０１" + "８'", "person_no = 'P00000000012345'"),
    (source.my_numbers_in_tests, "number = '" + "11111111112" + "6'", "number = '" + "12345678901" + "8'"),
    (source.machine_paths, "see /work" + "/shared/notes", "see docs/notes"),
    (source.machine_paths, "cd /root" + "/project", "cd project"),
]


@pytest.mark.parametrize(("rule", "bad", "good"), SAMPLES)
def test_each_rule_fires_on_a_fault_and_stays_silent_on_its_cure(rule: source.Rule, bad: str, good: str) -> None:
    assert rule(bad) != []
    assert rule(good) == []


def test_rules_and_ledger_know_no_float() -> None:
    # Drawing on paper measures in fractions of a millimetre; what stands in the fields comes from the data builders.
    drawing = [path for path in source.python_files("collection/papers") if not path.stem.endswith("_data")]
    collection = [path for path in source.python_files("collection") if path not in drawing]
    assert source.findings(source.floats, [*source.rules_files(), *collection]) == []


def test_rules_round_only_through_the_kernel() -> None:
    assert source.findings(source.floor_divisions, source.rules_files()) == []


def test_rules_compare_with_no_year_literal() -> None:
    assert source.findings(source.year_comparisons, source.rules_files()) == []


def test_only_the_clock_module_reads_the_clock() -> None:
    allowed = {source.ROOT / "taxsys" / "platform" / "clock.py"}
    files = [path for path in source.python_files() if path not in allowed and "embedded" not in path.parts]
    assert source.findings(source.clock_reads, files) == []


def test_functions_and_files_stay_small() -> None:
    files = list(source.python_files())
    assert source.findings(source.long_functions, files) == []
    assert source.findings(source.long_files, files) == []


def test_imports_are_absolute_and_name_what_they_take() -> None:
    settings = {source.ROOT / "taxsys" / "settings" / name for name in ("build.py", "embedded.py", "production.py")}
    files = [path for path in source.python_files() if path not in settings]
    assert source.findings(source.star_and_relative_imports, files) == []


def test_the_house_has_no_signals_of_its_own() -> None:
    assert source.findings(source.own_signals, source.python_files()) == []


def _texts() -> list[Path]:
    skip = {".lock", ".pdf", ".png", ".ttf", ".ttx", ".svg"}
    return [path for path in source.tracked_files() if path.suffix not in skip]


def test_no_my_number_stands_in_the_repository() -> None:
    tests = [path for path in _texts() if path.is_relative_to(source.ROOT / "tests")]
    others = [path for path in _texts() if path not in set(tests)]
    assert source.findings(source.my_numbers, others) == []
    assert source.findings(source.my_numbers_in_tests, [path for path in tests if path.name != "source.py"]) == []


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    assert source.findings(source.machine_paths, [path for path in _texts() if path.name != "source.py"]) == []


def test_no_file_is_a_drawer_for_everything() -> None:
    drawers = {"utils", "helpers", "common", "misc", "util", "helper"}
    assert [str(path) for path in source.python_files() if path.stem in drawers or drawers & set(path.parts)] == []


def test_a_code_that_is_told_on_the_phone_names_one_error() -> None:
    twice = 'class A(E):\n    code = "A0001"\nclass B(E):\n    code = "A0001"\n'
    assert source.error_codes([twice]) == ["A0001", "A0001"]
    counted = Counter(source.error_codes(path.read_text(encoding="utf-8") for path in source.python_files()))
    assert len(counted) > 100
    assert [code for code, times in counted.items() if times > 1] == []
