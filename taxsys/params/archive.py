"""法定値の写し: a parameter set as plain data and back, so that what was decided by it can be explained for ever.

The files are the truth of today; a file that was wrong is mended, and then only the copy still says by which values
the earlier decisions came about. The copy restores to the same hash or is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from taxsys.kernel.rates import Rate
from taxsys.params.errors import ParameterError
from taxsys.params.model import DatedValue, Parameter, ParameterSet, Resolved, Value, When, canonical_value
from taxsys.params.table import Table, make_table


def law_pack(law: ParameterSet) -> dict[str, Any]:
    """The set as JSON data: every value in force with its head; nothing of its history."""
    return {
        "name": law.name,
        "when": _when_pack(law.when),
        "missing": dict(law.missing),
        "values": {key: _pack(law[key]) for key in law},
    }


def _pack(item: Resolved) -> dict[str, Any]:
    one, dated = item.parameter, item.dated
    packed: dict[str, Any] = {
        "title": one.title, "unit": one.unit, "axis": one.axis, "law": list(one.law),
        "from": _when_pack(dated.valid_from), "until": None if dated.until is None else _when_pack(dated.until),
        "status": dated.status, "source": dated.source, "mark": dated.mark, "layer": dated.layer, "act": dated.act,
        "value": canonical_value(dated.value),
    }  # fmt: skip
    if isinstance(dated.value, Table):
        packed["kinds"] = [list(kind) for kind in dated.value.kinds]
    elif isinstance(dated.value, Rate):
        packed["is_rate"] = True
    return packed


def law_unpack(content: Mapping[str, Any], *, expected_hash: str) -> ParameterSet:
    """The set of a copy. Raises ParameterError where it is not the one that the hash names."""
    resolved = {key: _unpack(key, raw) for key, raw in content["values"].items()}
    law = ParameterSet(content["name"], _when_unpack(content["when"]), resolved, dict(content["missing"]))
    if law.hash != expected_hash:
        raise ParameterError(f"法定値の写しが指紋 {expected_hash[:12]} のものではありません。")
    return law


def _unpack(key: str, raw: Mapping[str, Any]) -> Resolved:
    until = raw["until"]
    dated = DatedValue(
        _when_unpack(raw["from"]), _value(key, raw), raw["status"], raw["source"], raw["mark"],
        None if until is None else _when_unpack(until), raw["layer"], raw["act"],
    )  # fmt: skip
    return Resolved(Parameter(key, raw["title"], raw["unit"], raw["axis"], tuple(raw["law"]), (dated,)), dated)


def _value(key: str, raw: Mapping[str, Any]) -> Value:
    value: Any = raw["value"]
    if "kinds" in raw:
        kinds = tuple((name, kind) for name, kind in raw["kinds"])
        columns = {name: [int(cell) for cell in value[name]] for name, kind in kinds if kind != "rate"}
        rates = {name: [Rate.parse(cell) for cell in value[name]] for name, kind in kinds if kind == "rate"}
        return make_table(kinds, columns, rates, key)
    return Rate.parse(value) if raw.get("is_rate") else value


def _when_pack(when: When) -> int | str:
    return when.isoformat() if isinstance(when, date) else when


def _when_unpack(raw: int | str) -> When:
    return date.fromisoformat(raw) if isinstance(raw, str) else raw
