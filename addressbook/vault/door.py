"""The way into the vault's schema: one function call on the connection of the transaction, with the access context."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

from addressbook.errors import IndexKeyChanged, KeyGone, KeyInUse, VaultContextMissing, VaultError
from addressbook.vault.keys import key_provider
from addressbook.vault.sealing import DataKey, Seal, data_key_new, data_key_open, seal_open
from taxsys.platform import clock
from taxsys.platform.audit import context
from taxsys.platform.audit.sealing import seals_require_current

# What the functions refuse, by SQLSTATE: 28000, 55000, 55006, 40001.
_FAULTS: Mapping[type[psycopg.Error], type[VaultError]] = {
    psycopg.errors.InvalidAuthorizationSpecification: VaultContextMissing,
    psycopg.errors.ObjectNotInPrerequisiteState: KeyGone,
    psycopg.errors.ObjectInUse: KeyInUse,
    psycopg.errors.SerializationFailure: IndexKeyChanged,
}


def context_json() -> str:
    """The access context in force as the functions take it; raises VaultContextMissing unless it is complete, and
    SealsLate while the access log is not being sealed.
    """
    actor = context.current_or_none()
    if actor is None or not (actor.actor_id and actor.function_id and actor.purpose and actor.legal_base):
        raise VaultContextMissing
    seals_require_current()
    return json.dumps({**asdict(actor), "business_on": clock.today().isoformat()})


def call(sql: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
    """Run one vault function with server-side, binary parameters on the connection of the transaction."""
    connection.ensure_connection()
    raw = connection.connection
    try:
        with psycopg.Cursor(raw) as cursor:
            return cursor.execute(sql, parameters, binary=True).fetchall()
    except tuple(_FAULTS) as error:
        connection.needs_rollback = connection.in_atomic_block
        if isinstance(error, psycopg.errors.SerializationFailure):
            raise IndexKeyChanged from error  # a job looks at the cause and tries the chunk again
        raise _FAULTS[type(error)] from None


@dataclass(frozen=True, slots=True)
class Index:
    """Blind indexes of numbers in order, under the version in force and, while the key changes, under the next one."""

    version: int
    values: list[bytes]
    next_values: list[bytes]


def index_versions() -> tuple[int, int | None]:
    """(version in force, version being made or None); neither changes before the caller's transaction ends."""
    states = {row[1]: row[0] for row in call("SELECT index_version, state FROM vault.index_list()", ())}
    return states["current"], states.get("next")


def index_of(numbers: Sequence[bytes]) -> Index:
    """The blind indexes under the version in force: for a look-up."""
    version, _ = index_versions()
    return Index(version, key_provider().index(numbers, index_version=version), [])


def index_to_store(numbers: Sequence[bytes]) -> Index:
    """The blind indexes that a new row takes: both, while the key changes."""
    version, coming = index_versions()
    provider = key_provider()
    following = provider.index(numbers, index_version=coming) if coming is not None else []
    return Index(version, provider.index(numbers, index_version=version), following)


def data_keys() -> dict[int, bytes]:
    """The wrapped data keys in use, by version; retired ones are not among them."""
    rows = call("SELECT key_version, wrapped FROM vault.key_list() WHERE NOT is_retired", ())
    return {row[0]: bytes(row[1]) for row in rows}


def sealing_key() -> DataKey:
    """The newest data key, made at the first number of an installation."""
    provider = key_provider()
    keys = data_keys()
    if not keys:
        call("SELECT vault.key_add(%s, 1, %b, %s)", (context_json(), data_key_new(provider, 1), provider.name))
        keys = data_keys()
    version = max(keys)
    return data_key_open(provider, version, keys[version])


def opened(rows: Sequence[tuple[UUID, bytes, int, Seal]], keys: dict[int, bytes] | None = None) -> list[bytes]:
    """Open seals (row id, owner, key version, seal); raises VaultTampered on the first that does not open, KeyGone
    for a retired key. `keys` as read before the rows, so that a retirement in between does no harm.
    """
    provider = key_provider()
    keys = data_keys() if keys is None else keys
    numbers = []
    for row_id, owner, version, seal in rows:
        if version not in keys:
            keys = data_keys()
        if version not in keys:
            raise KeyGone
        numbers.append(seal_open(data_key_open(provider, version, keys[version]), row_id, owner, seal))
    return numbers
