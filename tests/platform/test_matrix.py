"""Every address × every kind of caller: the exact answer, nothing written on refusal but the one event that says so.

The table is made from the URL resolver: a new address stands in it by itself. What is written is counted by the
database (every row inserted, changed or deleted in any table of this transaction), not by looking at known tables.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from taxsys.platform import clock
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.staff.access import is_public, is_rest
from taxsys.platform.staff.catalogue import catalogue
from taxsys.platform.staff.models import ApiClient, Grant, Terminal, Unit
from taxsys.platform.staff.services import api_client_create
from tests.outputs.cases import ACTS
from tests.platform.actors import FROM_ON, officer, sign_in, terminal

pytestmark = pytest.mark.django_db
METHODS = ("get", "post", "put", "delete")
LOOK_AND_ACT, LOOK = METHODS[:2], METHODS[:1]
SAMPLE_VALUES = {"uuid": "00000000-0000-4000-8000-000000000001", "int": "30000", "str": "x", "slug": "x", "path": "x"}
KEY = "matrix-key-of-a-neighbour-0123456789"


@dataclass(frozen=True)
class Address:
    """One address of the house with harmless values for its arguments."""

    name: str
    path: str
    has_arguments: bool
    is_rest: bool
    is_public: bool


def _walk(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        where = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, where)
        else:
            yield where, entry


def addresses() -> list[Address]:
    """Every address; static files are served before the resolver and are none."""
    found = []
    for where, pattern in _walk(get_resolver()):
        path = "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda match: SAMPLE_VALUES.get(match[1] or "str", "x"), where)
        name = pattern.name or ""
        found.append(Address(name, path, "<" in where, is_rest(pattern.callback), is_public(pattern.callback)))
    return found


def guarded() -> list[Address]:
    return [one for one in addresses() if not one.is_public]


def rows_written() -> Counter[tuple[str, str]]:
    """Rows inserted, updated and deleted so far in this transaction, by table, also those rolled back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname || '.' || relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables"
            " WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"
        )
        found: Counter[tuple[str, str]] = Counter()
        for table, inserted, updated, deleted in cursor.fetchall():
            found.update({(table, "insert"): inserted, (table, "update"): updated, (table, "delete"): deleted})
        return +found


ONE_EVENT = Counter({("public.audit_accessevent", "insert"): 1})


def _everything(unit_name: str, *, to_on: Any = None) -> None:
    staff, unit = officer("5001"), Unit.objects.get(name=unit_name)
    Grant.objects.bulk_create(
        Grant(staff=staff, unit=unit, permission_code=code, from_on=FROM_ON, to_on=to_on) for code in catalogue()
    )


def _signed_in(address: str = "127.0.0.1") -> Client:
    return sign_in(Client(REMOTE_ADDR=address), officer("5001"))


def _anonymous() -> Client:
    return Client()


def _no_right() -> Client:
    return _signed_in()


def _right_of_another_unit() -> Client:
    _everything("神居支所")
    return _signed_in()


def _expired() -> Client:
    _everything("市民税課", to_on=clock.today())
    return _signed_in()


def _before_transfer() -> Client:
    _everything("市民税課")
    staff = officer("5001")
    staff.transfer_unit, staff.transfer_on = Unit.objects.get(name="資産税課"), clock.today()
    staff.save()
    return _signed_in()


def _unknown_terminal() -> Client:
    _everything("市民税課")
    return _signed_in("10.9.9.9")


def _another_terminal() -> Client:
    _everything("市民税課")
    terminal()
    terminal("10.0.0.7")
    return _signed_in("10.0.0.7")


def _terminal_out_of_use() -> Client:
    _everything("市民税課")
    client = _signed_in()
    Terminal.objects.update(is_active=False)
    return client


Answer = tuple[int, str, str]
NO_RIGHT: Answer = (403, "R403", "no_permission")
NOT_HERE: Answer = (403, "R403-TERMINAL", "terminal")
# Caller → (who it is, what is tried, status, code and reason of the answer to everything).
REFUSED: Mapping[str, tuple[Callable[[], Client], tuple[str, ...], Answer]] = {
    "anonymous": (_anonymous, LOOK_AND_ACT, (401, "R401", "anonymous")),
    "no right": (_no_right, METHODS, NO_RIGHT),
    "right of another unit": (_right_of_another_unit, LOOK_AND_ACT, NO_RIGHT),
    "expired right": (_expired, LOOK_AND_ACT, NO_RIGHT),
    "transferred today": (_before_transfer, LOOK, NO_RIGHT),
    "unknown terminal": (_unknown_terminal, LOOK_AND_ACT, NOT_HERE),
    "another terminal": (_another_terminal, LOOK, NOT_HERE),
    "terminal out of use": (_terminal_out_of_use, LOOK, NOT_HERE),
}


def _told(answer: Any, code: str) -> bool:
    if answer["Content-Type"].startswith("application/problem+json"):
        return bool(answer.json()["code"] == code)
    return f"コード {code}　" in answer.content.decode()


def _refusals(client: Client, where: list[Address], answered: Answer, methods: tuple[str, ...] = METHODS) -> list[Any]:
    """What is not as it should be: each entry names the address, the answer and what was written."""
    status, code, reason = answered
    wrong: list[Any] = []
    for one in where:
        for method in methods:
            before = rows_written()
            answer = getattr(client, method)(one.path)
            written = rows_written() - before
            event = AccessEvent.objects.order_by("-pk").values("action", "result", "reason", "record_id").first()
            recorded = {"action": "denied", "result": "denied", "reason": reason, "record_id": one.name}
            if answer.status_code != status or not _told(answer, code) or written != ONE_EVENT or event != recorded:
                wrong.append((method, one.path, answer.status_code, dict(written), event))
    return wrong


@pytest.mark.req("R-067")
@pytest.mark.req("R-068")
@pytest.mark.req("R-218")
@pytest.mark.req("R-219")
@pytest.mark.req("R-227")
@pytest.mark.parametrize("caller", REFUSED)
def test_every_page_refuses_whoever_has_no_right_writes_nothing_and_records_it_once(caller: str) -> None:
    become, methods, answered = REFUSED[caller]
    pages = [one for one in guarded() if not one.is_rest]
    assert len(pages) > 150
    # The clock stands still: a look thirty seconds later would note that the sitting is in use.
    with time_machine.travel(clock.now(), tick=False):
        assert _refusals(become(), pages, answered, methods) == []


def _client(*, permissions: list[str]) -> ApiClient:
    return api_client_create(name="国保", system="kokuho", permissions=permissions, valid_from=FROM_ON, key=KEY)[0]


def _expired_client() -> None:
    _client(permissions=list(catalogue())).grants.update(to_on=clock.today())


def _ended_client() -> None:
    _client(permissions=list(catalogue()))
    ApiClient.objects.update(valid_to=clock.today())


# Caller of the API → (what is set up, the key sent, status, code and reason).
NO_KEY: Answer = (401, "R401-CLIENT", "client_key")
NO_CLIENT_RIGHT: Answer = (403, "R403", "permission_denied")
API_REFUSED: Mapping[str, tuple[Callable[[], Any], str, Answer]] = {
    "no key": (lambda: None, "", NO_KEY),
    "unknown key": (lambda: None, "nobody", NO_KEY),
    "client that ended": (_ended_client, KEY, NO_KEY),
    "client without the right": (lambda: _client(permissions=[]), KEY, NO_CLIENT_RIGHT),
    "client whose right expired": (_expired_client, KEY, NO_CLIENT_RIGHT),
}


@pytest.mark.req("R-218")
@pytest.mark.parametrize("caller", API_REFUSED)
def test_every_api_action_refuses_whoever_has_no_right_writes_nothing_and_records_it_once(caller: str) -> None:
    prepare, key, answered = API_REFUSED[caller]
    prepare()
    actions = [one for one in guarded() if one.is_rest]
    assert len(actions) >= 3
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    assert _refusals(Client(headers=headers), actions, answered) == []


def test_an_officer_s_session_opens_no_api_action() -> None:
    _everything("市民税課")
    actions = [one for one in guarded() if one.is_rest]
    with time_machine.travel(clock.now(), tick=False):
        assert _refusals(_signed_in(), actions, NO_KEY) == []


# Pages that answer something else than 200 (or 404 for a thing that is not there) even to the one who may open them.
OTHER_ANSWERS: Mapping[str, int] = {
    # nothing is decided in the empty database: the page says so (tests/assessment/what_if/test_page.py)
    "what-if": 409,
    "party-number-cancel": 405,
    "assessment-parameters-current": 302,
    "assessment-recall": 404,
    "change-log-party": 200,
}


def _expected(one: Address) -> int:
    usual = 405 if one.name in ACTS else 404 if one.has_arguments else 200
    return OTHER_ANSWERS.get(one.name, usual)


@pytest.mark.req("R-218")
def test_every_page_lets_in_who_has_the_right_and_knows_its_methods() -> None:
    _everything("市民税課")
    terminal()
    Terminal.objects.update(is_number_use=True)
    client = _signed_in()
    wrong = []
    for one in guarded():
        if one.is_rest:
            continue
        answers = {method: getattr(client, method)(one.path).status_code for method in METHODS}
        fine = answers["get"] == _expected(one) and {answers["put"], answers["delete"]} <= {404, 405}
        if not fine or answers["post"] in {401, 403} or answers["post"] >= 500:
            wrong.append((one.name, one.path, answers))
    assert wrong == [], "\n".join(map(str, wrong))


def test_public_addresses_are_exactly_these() -> None:
    assert {one.name for one in addresses() if one.is_public} == {"sign-in", "sign-out", "health-live", "health-ready"}


def test_the_counter_of_written_rows_sees_what_is_rolled_back_and_what_is_deleted() -> None:
    before = rows_written()
    unit = Unit.objects.create(code="x", name="x")
    with transaction.atomic():
        Unit.objects.filter(code="x").update(name="y")
        transaction.set_rollback(True)
    unit.delete()
    written = rows_written() - before
    assert [written["public.staff_unit", act] for act in ("insert", "update", "delete")] == [1, 1, 1]
