"""データ辞書 (data dictionary): every stored field with its one group of record items and its purpose (R-147, R-148).

Each app keeps `data_dictionary.toml` beside its models: `[Model]` tables of `group = [fields]`, each field exactly
once. A field that no group names, or a name that is no field, stops the build. Tables that are no models of ours stand
as `["table.schema.name"]`; `names` gives Japanese names to fields that have none. `groups.toml` here says what each
group is for and which uses it allows.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.apps import apps

_FOLDER = Path(__file__).resolve().parent
FILE_NAME = "data_dictionary.toml"
NAMES = "names"  # the one key of a table that is no group
USES_JA: Mapping[str, str] = MappingProxyType(
    {
        "levy": "賦課",
        "collection": "収納",
        "arrears": "滞納",
        "identify": "宛名特定・突合",
        "provision": "提供・移転",
        "statistics": "統計",
    }
)
_FOREIGN = frozenset({"auth", "contenttypes", "sessions", "messages", "axes", "auditlog"})


@dataclass(frozen=True, slots=True)
class Group:
    """記録項目群 one: its Japanese title, why it is held, and the uses it allows."""

    code: str
    title_ja: str
    purpose_ja: str
    uses: frozenset[str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A field of a table and its group. `record` is `app.Model` or `table.schema.name`."""

    record: str
    record_ja: str
    field: str
    field_ja: str
    group: Group


class DictionaryFault(ValueError):
    """The dictionary names a use that nobody knows."""


class PurposeRefused(PermissionError):
    """A dataset wants fields whose groups do not allow its use (R-148)."""

    def __init__(self, use: str, refused: Iterable[Entry]) -> None:
        self.message_ja = "「{}」に使えない項目です: {}".format(
            USES_JA.get(use, use), "、".join(f"{one.field_ja}（{one.group.title_ja}）" for one in refused)
        )
        super().__init__(self.message_ja)


@lru_cache(maxsize=1)
def groups() -> Mapping[str, Group]:
    """Every group by code; DictionaryFault for a use that nobody knows."""
    found = {}
    for code, given in tomllib.loads((_FOLDER / "groups.toml").read_text(encoding="utf-8")).items():
        if unknown := set(given["uses"]) - set(USES_JA):
            raise DictionaryFault(f"{code}: unknown use {sorted(unknown)}")
        found[code] = Group(code, given["title"], given["purpose"], frozenset(given["uses"]))
    return MappingProxyType(found)


def _models(label: str) -> Iterator[Any]:
    """The stored models of an app, with the many-to-many tables it makes by itself."""
    yield from apps.get_app_config(label).get_models(include_auto_created=True)


def _own_apps() -> Iterator[Any]:
    return (one for one in apps.get_app_configs() if one.label not in _FOREIGN and list(_models(one.label)))


def faults(given: Mapping[str, Mapping[str, list[str]]], fields: Mapping[str, Iterable[str]]) -> list[str]:
    """How a dictionary differs from the tables (record → fields): untagged, tagged twice, unknown group or field."""
    found = []
    known = groups()
    for record, names in fields.items():
        by_group = {code: listed for code, listed in given.get(record, {}).items() if code != NAMES}
        tagged = [name for listed in by_group.values() for name in listed]
        found += [f"{record}.{name}: no group" for name in names if name not in tagged]
        found += [
            f"{record}.{name}: more than one group" for name in sorted({n for n in tagged if tagged.count(n) > 1})
        ]
        found += [f"{record}.{name}: no such field" for name in tagged if name not in set(names)]
        found += [f"{record}: unknown group {code}" for code in by_group if code not in known]
    found += [
        f"{record}: no such table" for record in given if record not in fields and not record.startswith("table.")
    ]
    return found


def _read() -> Iterator[tuple[Any, Mapping[str, Any], Mapping[str, Any]]]:
    """(app, its dictionary, its models by name) of every app of the house that stores something."""
    for config in _own_apps():
        path = Path(config.path) / FILE_NAME
        given = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        yield config, given, {model.__name__: model for model in _models(config.label)}


def dictionary_faults() -> list[str]:
    """What the dictionary and the tables do not agree on, over the whole house; a build with one stops."""
    found = []
    for config, given, models in _read():
        fields = {name: [one.name for one in model._meta.concrete_fields] for name, model in models.items()}
        found += [f"{config.label}.{one}" for one in faults(given, fields)]
    return found


@lru_cache(maxsize=1)
def entries() -> tuple[Entry, ...]:
    """Every tagged field of every table, by app and model in their order."""
    return tuple(one for config, given, models in _read() for one in _entries(config.label, given, models))


def _entries(label: str, given: Mapping[str, Mapping[str, Any]], models: Mapping[str, Any]) -> Iterator[Entry]:
    known = groups()
    for record, tagged in given.items():
        model, named = models.get(record), tagged.get(NAMES, {})
        key = f"{label}.{record}" if model is not None else record
        record_ja = str(model._meta.verbose_name) if model is not None else named.get("table", record)
        for code, names in tagged.items():
            if code != NAMES:
                for name in names:
                    yield Entry(key, record_ja, name, named.get(name) or _title(model, name), known[code])


def _title(model: Any, name: str) -> str:
    """The field's Japanese name; that of what it points to, where it has none of its own."""
    if model is None:
        return name
    field = model._meta.get_field(name)
    title = str(field.verbose_name)
    if title != field.name.replace("_", " ") and title != "ID":
        return title
    if field.primary_key:
        return "識別番号"
    related = getattr(field.remote_field, "model", None)
    return str(related._meta.verbose_name) if related is not None else title


@lru_cache(maxsize=1)
def _by_field() -> Mapping[str, Entry]:
    return MappingProxyType({f"{one.record}.{one.field}": one for one in entries()})


def entry(name: str) -> Entry:
    """The entry of `app.Model.field`. Raises KeyError."""
    return _by_field()[name]


def purpose_ja(name: str) -> str:
    """What a screen says on hover over an item: its group and why it is held."""
    found = entry(name).group
    return f"{found.title_ja}：{found.purpose_ja}"


def use_check(use: str, names: Iterable[str]) -> None:
    """Refuse a use that the group of one of the fields (`app.Model.field`) does not allow. Raises PurposeRefused."""
    if use not in USES_JA:
        raise DictionaryFault(f"unknown use {use}")
    if refused := [one for one in map(entry, names) if use not in one.group.uses]:
        raise PurposeRefused(use, refused)
