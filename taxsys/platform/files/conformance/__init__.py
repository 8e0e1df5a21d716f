"""検証事例の実行: runs published cases of the file formats against this package."""

from collections.abc import Callable, Mapping
from typing import Any

from taxsys.kernel.conformance import CaseOutcome, compare
from taxsys.platform.files.conformance import banks, general, reports, stores

Op = Callable[[Any], Any]

OPS: dict[tuple[str, str], Op] = {**general.OPS, **banks.OPS, **stores.OPS, **reports.OPS}


def run_case(case: Mapping[str, Any], file_meta: Mapping[str, Any] | None = None) -> CaseOutcome:
    """Outcome of one case of the form `{id, format, op, input, expected}`; an unknown format or op is not supported."""
    name = str(case.get("id", "?"))
    key = (str(case.get("format", "")), str(case.get("op", "")))
    if key not in OPS:
        return CaseOutcome.not_supported(name, f"{key[0]} {key[1]}")
    try:
        actual = OPS[key](case.get("input"))
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        actual = {"error": f"{type(error).__name__}"}
    return CaseOutcome.of(name, compare(case.get("expected"), actual))
