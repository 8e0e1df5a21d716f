"""機能一覧: the catalogue of permissions, discovered from `<app>.permissions.PERMISSIONS` (CONVENTIONS 8)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from typing import Literal

from django.apps import apps


@dataclass(frozen=True, kw_only=False)
class Permission:
    """機能: one thing a person may be allowed to do; every URL name and API action names exactly one.

    `step_up` asks the second factor again (valid five minutes); `four_eyes` says that the act needs a second person.
    `function_ids` are the ids of the national functional standard (F-…).
    """

    code: str
    title_ja: str
    actions: frozenset[str] = field(default_factory=frozenset)
    risk: Literal["normal", "personal", "number", "money"] = "normal"
    legal_base: str = ""
    step_up: bool = False
    four_eyes: bool = False
    default_units: tuple[str, ...] = ()
    default_roles: tuple[str, ...] = ()
    function_ids: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.code


class UnknownPermission(LookupError):
    """A permission code that no app declares."""


class DuplicatePermission(ValueError):
    """Two declarations with one code."""


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, Permission]:
    """All declared permissions by code, in order of the installed apps; raises DuplicatePermission."""
    found: dict[str, Permission] = {}
    for app in apps.get_app_configs():
        module_name = f"{app.name}.permissions"
        if app.name.startswith("django.") or find_spec(app.name) is None or find_spec(module_name) is None:
            continue
        for permission in getattr(import_module(module_name), "PERMISSIONS", ()):
            if permission.code in found:
                raise DuplicatePermission(permission.code)
            found[permission.code] = permission
    return MappingProxyType(found)


def permission_get(code: str) -> Permission:
    """The declared permission with this code; raises UnknownPermission."""
    try:
        return catalogue()[code]
    except KeyError:
        raise UnknownPermission(code) from None
