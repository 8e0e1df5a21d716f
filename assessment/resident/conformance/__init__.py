"""検証事例の実行 (worked cases of the resident tax): `run_case` answers the suite `resident_tax`."""

from assessment.resident.conformance.cases import run_case

__all__ = ["run_case"]
