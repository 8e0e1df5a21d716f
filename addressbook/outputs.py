"""出力登録簿: every page, paper, file and answer on which an address or a name of a party may stand.

An app lists its own in `<app>.outputs.OUTPUTS`; an output that is not listed gets no address (OutputNotRegistered).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from typing import Literal

from django.apps import apps

Audience = Literal["self", "third_party", "internal", "vendor"]


@dataclass(frozen=True, slots=True)
class OutputKind:
    """出力: `audience` says who reads it. self = the party itself, third_party = anyone else outside, internal = staff
    screens and lists, vendor = a contractor's file."""

    id: str
    title_ja: str
    audience: Audience


@lru_cache(maxsize=1)
def registered_outputs() -> Mapping[str, OutputKind]:
    """All outputs by id, over all installed apps; ValueError when two apps use one id."""
    found: dict[str, OutputKind] = {}
    for app in apps.get_app_configs():
        module_name = f"{app.name}.outputs"
        if app.name.startswith("django.") or find_spec(app.name) is None or find_spec(module_name) is None:
            continue
        for output in getattr(import_module(module_name), "OUTPUTS", ()):
            if output.id in found:
                raise ValueError(f"output registered twice: {output.id}")
            found[output.id] = output
    return MappingProxyType(found)


OUTPUTS = (
    OutputKind("addressbook.search", "宛名検索の結果", "internal"),
    OutputKind("addressbook.recent", "最近開いた宛名", "internal"),
    OutputKind("addressbook.card", "宛名カード", "internal"),
    OutputKind("addressbook.measures", "支援措置の期限の一覧", "internal"),
    OutputKind("addressbook.number_files", "取り込んだ番号の標本", "internal"),
    OutputKind("addressbook.number_tasks", "個人番号の確認待ち", "internal"),
    OutputKind("addressbook.measure_proposal", "支援措置の登録の決裁", "internal"),
    OutputKind("addressbook.household", "世帯の一覧", "internal"),
    OutputKind("addressbook.matching", "突合の候補", "internal"),
    OutputKind("addressbook.delivery", "送付先", "self"),
    OutputKind("addressbook.dossier", "保有個人情報の開示資料", "internal"),
    OutputKind("addressbook.lookups", "アクセス記録の開示", "self"),
)
