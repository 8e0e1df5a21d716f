"""Counter search and party card over HTTP with 20 officers at once, beside the raw queries of the same searches.

    python -m taxsys.embedded servers -- python -m tests.bench.search [parties [officers [rounds]]]

Each officer searches (terms as at a counter: kana, kana with year, birth date, kanji, address, number), follows to the
result, and opens a card, without pausing in between. The floor is the SQL of the very same searches, run by as many
connections at once against the same database in the same run. Web workers as in `make run`. The ratio is that of the
slower page of a search (the posted box, or the result it leads to); both together are printed beside it. On a machine
that is busy with other work the floor fares better than the pages: it has as many processes as officers, they have
three, so the ratio counts only on an idle machine.
"""

import http.client
import os
import secrets
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from importlib import import_module
from random import Random
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import django
import psycopg
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TARGET_RATIO = 20


def _terms(count: int, ids: Sequence[UUID], seed: int) -> list[str]:
    """What officers type, drawn from the register itself."""
    from addressbook.models import Address, Party
    from taxsys.kernel import wareki

    draw = Random(seed)
    chosen = draw.sample(list(ids), min(count, len(ids)))
    parties = {row.id: row for row in Party.objects.filter(id__in=chosen)}
    places = dict(Address.objects.filter(party_id__in=chosen).values_list("party_id", "full_text"))
    terms = []
    for party_id in chosen:
        one = parties[party_id]
        born = one.birth_on or date(2000, 1, 1)
        forms = (
            one.name_kana,
            f"{one.name_kana[:3]} {born.year}年",
            wareki.format_short(born),
            one.name,
            f"{one.name_kana.split('　')[0]} {wareki.format_short(born)}",
            places[party_id],
            one.person_no,
        )
        terms.append(draw.choices(forms, (30, 15, 15, 10, 15, 10, 5))[0])
    return terms


def _raw(terms: Sequence[str]) -> list[list[str]]:
    """The SQL that finds the parties of each term, as the search itself sends it."""
    from addressbook.search_terms import read_address, read_name, read_number
    from addressbook.selectors.search import parties_found
    from taxsys.platform.search.services import normalise

    statements = []
    for term in terms:
        query = next(found for read in (read_number, read_name, read_address) if (found := read(normalise(term))))
        with CaptureQueriesContext(connection) as asked:
            parties_found(query)
        statements.append([one["sql"] for one in asked])
    return statements


class Officer:
    """One officer's browser: cookies, a fresh connection a request as sync workers want it."""

    def __init__(self, port: int, session_key: str) -> None:
        self.port = port
        self.csrf = secrets.token_hex(16)
        cookies = f"{settings.SESSION_COOKIE_NAME}={session_key}; {settings.CSRF_COOKIE_NAME}={self.csrf}"
        self.seconds: dict[str, list[float]] = {"box": [], "result": []}
        self.headers = {"Cookie": cookies, "X-CSRFToken": self.csrf, "Host": "127.0.0.1"}

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and Location of a request; the page is read to its end."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)) as line:
            headers = dict(self.headers)
            if fields is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            line.request(method, path, urlencode(fields) if fields is not None else None, headers)
            answer = line.getresponse()
            answer.read()
            return answer.status, answer.getheader("Location") or ""

    def search(self, term: str) -> None:
        """Type, press Enter, read the result (a list or the card)."""
        began = time.perf_counter()
        status, where = self.ask("POST", "/search/", {"q": term})
        found = time.perf_counter()
        if status != 302 or self.ask("GET", where)[0] != 200:
            raise RuntimeError(f"search answered {status} {where}")
        self.seconds["box"].append(found - began)
        self.seconds["result"].append(time.perf_counter() - found)

    def card(self, party_id: UUID) -> None:
        """Open a card."""
        status, _ = self.ask("GET", f"/party/{party_id}/")
        if status != 200:
            raise RuntimeError(f"card answered {status}")


def _timed(jobs: Sequence[Sequence[Callable[[], None]]]) -> list[float]:
    """Seconds of each job; every list of jobs runs in a thread of its own, all starting together."""
    barrier = threading.Barrier(len(jobs))

    def run(mine: Sequence[Callable[[], None]]) -> list[float]:
        barrier.wait()
        seconds = []
        for job in mine:
            began = time.perf_counter()
            job()
            seconds.append(time.perf_counter() - began)
        return seconds

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [one for part in pool.map(run, jobs) for one in part]


def percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    """p50 and p95 in milliseconds."""
    cuts = statistics.quantiles(seconds, n=100)
    return cuts[49] * 1000, cuts[94] * 1000


def _sessions(count: int) -> list[str]:
    """Signed-in sessions of one officer with every right, on a terminal of this machine."""
    from taxsys.platform import clock
    from taxsys.platform.staff.catalogue import catalogue
    from tests.platform.actors import officer, sitting_at_a_desk_of_its_own, terminal

    staff = officer("9501", permissions=list(catalogue()))
    engine = import_module(settings.SESSION_ENGINE)
    keys = []
    for _ in range(count):
        session = engine.SessionStore()
        at = int(clock.now().timestamp())
        session.update(
            {"_auth_user_id": str(staff.pk), "_auth_user_backend": "taxsys.platform.staff.backends.StaffBackend",
             "_auth_user_hash": staff.get_session_auth_hash(), "signed_in_at": at, "seen_at": at,
             "terminal": terminal().code, "sitting": str(sitting_at_a_desk_of_its_own(staff).pk)}
        )  # fmt: skip
        session.create()
        keys.append(session.session_key)
    return keys


def _serve(port: int) -> subprocess.Popen[bytes]:
    workers = str(min(4, (os.cpu_count() or 1) + 1))
    web = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "taxsys.web.wsgi:application", "--bind", f"127.0.0.1:{port}", "--workers",
         workers, "--worker-class", "sync", "--preload", "--log-level", "error", "--no-control-socket"],
        cwd=PROJECT,
    )  # fmt: skip
    for _ in range(300):
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return web
        time.sleep(0.1)
    raise RuntimeError("the web server did not open its port")


def _floor(statements: Sequence[Sequence[str]], officers: int) -> list[float]:
    """Seconds of each search's own SQL, by as many connections at once."""
    values: dict[str, Any] = connection.get_connection_params()
    keep = {key: values[key] for key in ("dbname", "user", "password", "host", "port", "options") if values.get(key)}
    lines = [psycopg.connect(**keep, autocommit=True) for _ in range(officers)]

    def job(line: psycopg.Connection[Any], sqls: Sequence[str]) -> Callable[[], None]:
        def run() -> None:
            for sql in sqls:
                line.execute(sql.encode()).fetchall()

        return run

    jobs = [[job(line, sqls) for sqls in statements[at::officers]] for at, line in enumerate(lines)]
    try:
        return _timed(jobs)
    finally:
        for line in lines:
            line.close()


def main() -> None:
    """Fill, serve, measure, print."""
    parties, officers, rounds = (int(word) for word in [*sys.argv[1:], *("50000", "20", "15")[len(sys.argv) - 1 :]][:3])
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], check=True, cwd=PROJECT)
    from addressbook.models import Party
    from tests.bench import register

    began = time.perf_counter()
    if not Party.objects.exists():
        register.fill(parties)
    ids = list(Party.objects.values_list("id", flat=True))
    filled = time.perf_counter() - began
    terms = _terms(officers * rounds, ids, seed=2)
    cards = Random(3).choices(ids, k=officers * rounds)
    statements = _raw(terms)
    raw_alone = percentiles(_floor(statements[:60], 1))
    raw = percentiles(_floor(statements, officers))
    keys = _sessions(officers)
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web = _serve(port)
    try:
        desks = [Officer(port, key) for key in keys]
        for desk in desks[:6]:
            desk.card(ids[0])  # every worker has loaded its templates
        alone = percentiles(_timed([[lambda t=term: desks[0].search(t) for term in terms[:60]]]))  # type: ignore[misc]
        alone_card = percentiles(_timed([[lambda p=one: desks[0].card(p) for one in cards[:60]]]))  # type: ignore[misc]
        desks[0].seconds = {"box": [], "result": []}
        search = percentiles(_timed(_by_desk(desks, terms, Officer.search)))
        card = percentiles(_timed(_by_desk(desks, cards, Officer.card)))
    finally:
        web.terminate()
        web.wait(30)
    box, result = (percentiles([one for desk in desks for one in desk.seconds[page]]) for page in ("box", "result"))
    sys.stdout.write(
        f"register of {len(ids):,} parties ({filled:.1f} s by COPY), {officers} officers at once without a pause, "
        f"{len(terms)} searches\n"
        f"raw search SQL, {officers} connections: p50 {raw[0]:.1f} ms, p95 {raw[1]:.1f} ms; alone p50 "
        f"{raw_alone[0]:.1f}, p95 {raw_alone[1]:.1f} ms\n"
        f"search box: p50 {box[0]:.0f} ms, p95 {box[1]:.0f} ms; result page: p50 {result[0]:.0f} ms, "
        f"p95 {result[1]:.0f} ms\n"
        f"both together: p50 {search[0]:.0f} ms, p95 {search[1]:.0f} ms; alone p50 {alone[0]:.0f}, "
        f"p95 {alone[1]:.0f} ms\n"
        f"party card: p50 {card[0]:.0f} ms, p95 {card[1]:.0f} ms; alone p50 {alone_card[0]:.0f}, "
        f"p95 {alone_card[1]:.0f} ms\n"
        f"ratio search page p95 / raw p95: {max(box[1], result[1]) / raw[1]:.1f} (target {TARGET_RATIO})\n"
    )


def _by_desk(desks: Sequence[Officer], work: Sequence[Any], act: Callable[[Officer, Any], None]) -> list[Any]:
    def job(desk: Officer, one: Any) -> Callable[[], None]:
        return lambda: act(desk, one)

    return [[job(desk, one) for one in work[at :: len(desks)]] for at, desk in enumerate(desks)]


if __name__ == "__main__":
    django.setup()
    main()
