"""保管の宣言: classes, periods and families as the `retention.toml` beside the models of each app says them.

Data, not code: an upper duty adds what it knows of a lower one's records (`extra_step`, `extra_hold`, `party_hold`)
without an import. `compiled` turns a family into the SQL that the database itself keeps and applies.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps

from taxsys.params.loader import read_parameter
from taxsys.params.model import Parameter

_HERE = Path(__file__).parent
RULES = ("period", "in_use", "short")
KEY_TYPES = ("bigint", "uuid")
_STOP_ORDER = "stop_order"
STOP_ORDER_JA = "処分停止が登録されている"
LINKED, LINKED_JA = "linked", "結びついた記録が停止している"


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """保管区分: `parameter` names its period (months), where the rule is one of periods."""

    code: str
    title_ja: str
    rule: str

    @property
    def parameter(self) -> Parameter:
        """The dated months of this class. Raises ParameterError where the file is missing or wrong."""
        return read_parameter(_HERE / "params" / f"{self.code}.toml")


@dataclass(frozen=True, slots=True)
class Hold:
    """停止の条件: a boolean SQL expression over the root row `r`."""

    code: str
    title_ja: str
    where: str


@dataclass(slots=True)
class Family:
    """消去単位: a root row with everything that belongs to it, erased together."""

    code: str
    title_ja: str
    class_code: str
    root: str
    key: str
    key_type: str
    where: str
    start_ja: str
    start: str
    party: str
    links: str
    sets: list[dict[str, str]]
    acts: list[dict[str, str]]
    steps: list[dict[str, str]]
    files: list[str]
    writes: list[str]
    holds: list[Hold] = field(default_factory=list)

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables it deletes from, each once."""
        return tuple(dict.fromkeys(step["table"] for step in self.steps if "where" in step))

    @property
    def updated_tables(self) -> tuple[str, ...]:
        """The tables whose rows it mends (a count that shrinks, a pointer to what is gone)."""
        return tuple(dict.fromkeys(step["table"] for step in self.steps if "update" in step))

    def stop_ja(self, code: str) -> str:
        """Why an item is stopped, in Japanese."""
        named = {_STOP_ORDER: STOP_ORDER_JA, LINKED: LINKED_JA, **{hold.code: hold.title_ja for hold in self.holds}}
        return named.get(code, code)


@dataclass(frozen=True, slots=True)
class Declared:
    """Everything that is declared: the class of each table, the families by code."""

    tables: Mapping[str, str]
    families: Mapping[str, Family]


class DeclarationWrong(ValueError):
    """A `retention.toml` that contradicts itself or another."""


@cache
def classes() -> Mapping[str, RetentionClass]:
    """The classes by code."""
    raw = tomllib.loads((_HERE / "classes.toml").read_text(encoding="utf-8"))["class"]
    found = {row["code"]: RetentionClass(row["code"], row["title"], row["rule"]) for row in raw}
    if wrong := [one.code for one in found.values() if one.rule not in RULES]:
        raise DeclarationWrong(f"unknown rule of {wrong}")
    return found


@cache
def declared() -> Declared:
    """The declarations of all installed apps. Raises DeclarationWrong."""
    contents = [
        tomllib.loads(path.read_text(encoding="utf-8"))
        for config in apps.get_app_configs()
        if (path := Path(config.path) / "retention.toml").is_file()
    ]
    tables: dict[str, str] = {}
    for content in contents:
        for table, class_code in content.get("tables", {}).items():
            if table in tables or class_code not in classes():
                raise DeclarationWrong(f"{table}: declared twice, or unknown class {class_code}")
            tables[table] = class_code
    families = {row["code"]: _family(row) for content in contents for row in content.get("family", [])}
    for content in contents:
        for step in content.get("extra_step", []):
            families[step["family"]].steps.insert(0, {key: step[key] for key in step if key != "family"})
        for hold in content.get("extra_hold", []):
            named = hold["family"] if isinstance(hold["family"], list) else [hold["family"]]
            for code in named:
                families[code].holds.append(Hold(hold["code"], hold["ja"], hold["where"]))
    party_holds = [hold for content in contents for hold in content.get("party_hold", [])]
    for family in families.values():
        if family.party:
            family.holds += [_party_hold(family, hold) for hold in party_holds]
    return Declared(tables, families)


def _family(row: Mapping[str, Any]) -> Family:
    family = Family(
        code=row["code"],
        title_ja=row["title"],
        class_code=row["class"],
        root=row["root"],
        key=row.get("key", "id"),
        key_type=row.get("key_type", "bigint"),
        where=row.get("where", "true"),
        start_ja=row["start_ja"],
        start=row["start"],
        party=row.get("party", ""),
        links=row.get("links", ""),
        sets=list(row.get("set", [])),
        acts=list(row.get("act", [])),
        steps=list(row.get("step", [])),
        files=list(row.get("files", [])),
        writes=list(row.get("writes", [])),
        holds=[Hold(hold["code"], hold["ja"], hold["where"]) for hold in row.get("hold", [])],
    )
    if family.key_type not in KEY_TYPES or classes()[family.class_code].rule != "period":
        raise DeclarationWrong(f"{family.code}: key type or class")
    return family


def _party_hold(family: Family, hold: Mapping[str, str]) -> Hold:
    where = f"EXISTS (SELECT FROM addressbook_party p WHERE p.id = {family.party} AND ({hold['where']}))"
    return Hold(hold["code"], hold["ja"], where)


def compiled(family: Family) -> dict[str, Any]:
    """The family as its row of `erasure.family`: $1 = keys as text[] (NULL: all), $2 = months, $3 = due ones only."""
    holds = list(family.holds)
    if family.party:
        order = "EXISTS (SELECT FROM retention_stoporder o WHERE o.party_id = {} AND o.lifted_on IS NULL)"
        holds.insert(0, Hold(_STOP_ORDER, STOP_ORDER_JA, order.format(family.party)))
    stops = "".join(f" WHEN {hold.where} THEN '{hold.code}'" for hold in holds)
    stop = f"CASE{stops} ELSE '' END" if holds else "''"
    facts = (
        f"SELECT r.{family.key}::text, s.start_on, s.erase_on, {stop} FROM {family.root} AS r"  # noqa: S608
        f" CROSS JOIN LATERAL (SELECT d.start_on, (d.start_on + make_interval(months => $2))::date AS erase_on"
        f" FROM (SELECT ({family.start})::date AS start_on) AS d) AS s"
        f" WHERE ({family.where}) AND s.start_on IS NOT NULL AND (NOT $3 OR s.erase_on <= current_date)"
        f" AND ($1 IS NULL OR r.{family.key} = ANY ($1::{family.key_type}[]))"
    )
    links = f"SELECT l.a::text, l.b::text FROM ({family.links}) AS l (a, b)" if family.links else ""  # noqa: S608
    steps = [
        *({"set": one["name"], "sql": f"SELECT k::text FROM ({one['sql']}) AS chosen_now (k)"} for one in family.sets),  # noqa: S608
        *({"act": one.get("table", ""), "sql": one["sql"]} for one in family.acts),
        *({"table": one["table"], "sql": _statement(one)} for one in family.steps),
    ]
    return {
        "class_code": family.class_code,
        "facts_sql": facts,
        "links_sql": _keyed(links, family),
        "steps": [{**step, "sql": _keyed(step["sql"], family)} for step in steps],
        "files": [_keyed(sql, family) for sql in family.files],
    }


def _statement(step: Mapping[str, str]) -> str:
    if "update" in step:
        return f"UPDATE {step['table']} AS x SET {step['update']}"  # noqa: S608
    return f"DELETE FROM {step['table']} AS x WHERE {step['where']}"  # noqa: S608


def _keyed(sql: str, family: Family) -> str:
    return " ".join(sql.replace(":keys", f"($1::{family.key_type}[])").split())
