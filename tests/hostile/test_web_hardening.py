"""Every address of the house, for strangers and for officers: what a browser may do with the answer, and what it says.

Security reference §6 (H090–H092, H095) and issue 3 point 9.
"""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from taxsys.platform.staff.catalogue import catalogue
from tests.architecture.templates import check_template
from tests.outputs.crawl import url_names
from tests.platform.actors import officer, sign_in, terminal

pytestmark = pytest.mark.django_db
POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "font-src 'self'",
    "connect-src 'self'", "manifest-src 'self'", "form-action 'self'", "base-uri 'none'", "object-src 'none'",
    "frame-ancestors 'none'",
}  # fmt: skip
HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PLAIN = sorted({name for name, arguments in url_names() if name and not arguments})
# Alive and ready say nothing about anybody and may carry caching words of their own.
PERSONAL = [name for name in PLAIN if not name.startswith("health-")]


def header_faults(answer: Any) -> list[str]:
    """What is missing from the answer's headers."""
    found = [f"{name}: {answer.get(name)}" for name, value in HEADERS.items() if answer.get(name) != value]
    policy = {part.strip() for part in answer.get("Content-Security-Policy", "").split(";")}
    if policy != POLICY:
        found.append(f"Content-Security-Policy: {policy ^ POLICY}")
    for feature in ("camera", "microphone", "geolocation", "usb"):
        if f"{feature}=()" not in answer.get("Permissions-Policy", ""):
            found.append(f"Permissions-Policy: {feature}")
    return found


def body_faults(answer: Any) -> list[str]:
    """Inline script, style or handlers, and addresses outside, in what was really sent."""
    if not answer.get("Content-Type", "").startswith("text/html"):
        return []
    return [fault for fault in check_template(answer.content.decode()) if "without a label" not in fault]


def faults_of(client: Client, names: list[str]) -> list[str]:
    found = []
    for name in names:
        answer = client.get(reverse(name))
        assert answer.status_code < 500, name
        faults = header_faults(answer)
        if not answer.streaming:
            faults += body_faults(answer)
        if "no-store" not in answer.get("Cache-Control", "") and name in PERSONAL:
            faults.append(f"Cache-Control: {answer.get('Cache-Control')}")
        found += [f"{name}: {fault}" for fault in faults]
    return found


def test_every_address_answers_a_stranger_under_the_whole_policy(client: Client) -> None:
    terminal()
    assert len(PLAIN) > 50
    assert faults_of(client, PLAIN) == []


def test_every_address_answers_an_officer_under_the_whole_policy(client: Client) -> None:
    everything = officer("5001", permissions=list(catalogue()))
    # Signing out ends the sitting: it comes last.
    names = sorted(PLAIN, key=lambda name: name == "sign-out")
    assert faults_of(sign_in(client, everything), names) == []


@pytest.mark.parametrize(
    ("path", "status"), [("/no-such-page", 404), ("/jobs/", 403), ("/party/00000000-0000-0000-0000-000000000000/", 403)]
)
def test_refusals_carry_the_policy_and_no_detail(client: Client, path: str, status: int) -> None:
    answer = sign_in(client, officer("5001")).get(path)
    assert answer.status_code == status
    assert (header_faults(answer), body_faults(answer)) == ([], [])
    assert not re.search(r"Traceback|Exception|SELECT |/site-packages/|\.py\b", answer.content.decode())


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "a b", ""])
def test_a_foreign_host_name_is_refused_without_being_repeated(client: Client, host: str) -> None:
    answer = client.get("/sign-in", HTTP_HOST=host)
    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()
    assert "evil" not in str(answer.headers)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
        "https:evil.example", "///evil.example", " //evil.example", "/\t/evil.example", "http://testserver@evil.example",
    ],
)  # fmt: skip
def test_sign_in_leads_nowhere_else(client: Client, target: str) -> None:
    sign_in(client, officer("5001", permissions=list(catalogue())))
    answer = client.get("/sign-in", {"next": target})
    assert answer.status_code == 302
    assert answer["Location"] == "/"


def test_oversized_and_overfull_forms_are_refused_in_japanese(client: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE, settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000, 50
    sign_in(client, officer("5001", permissions=list(catalogue())))
    for values in ({"q": "あ" * 20_000}, {f"f{n}": "1" for n in range(60)}):
        answer = client.post("/search/", values)
        assert answer.status_code == 400
        assert "要求の形式が正しくありません" in answer.content.decode()
        assert header_faults(answer) == []


HOSTILE_TEXTS = (
    "'; DROP TABLE addressbook_party; --", "\" OR 1=1 --", "%' OR '%'='", "\\'; SELECT pg_sleep(9); --",
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{ 7777777|add:1 }}{% debug %}", "\x00", "a\x00b",
    "\u202e\u2066旭川", "\ufeff", "葛\U000e0100城", "𠮷野", "ｱｻﾋｶﾜ", "%00%0d%0aSet-Cookie: a=b", "あ" * 4000,
    "%", "_", "*", "\\", "${jndi:ldap://evil}", "=cmd|'/C calc'!A0", "\r\nX-Evil: 1", "１２３",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=[ascii(text)[:30] for text in HOSTILE_TEXTS])
def test_a_search_survives_hostile_text_and_draws_it_as_text(client: Client, text: str) -> None:
    sign_in(client, officer("5001", permissions=list(catalogue())))
    answer = client.post("/search/", {"q": text})
    while answer.status_code == 302:
        assert "evil" not in answer["Location"]
        answer = client.get(answer["Location"])
    assert answer.status_code < 500
    page = answer.content.decode()
    assert body_faults(answer) == []
    assert "<script>alert(1)" not in page
    assert "onerror=alert" not in page.replace("&quot;&gt;&lt;img src=x onerror=alert(1)&gt;", "")
    assert "7777778" not in page
