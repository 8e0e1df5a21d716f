"""Terminals by certificate and by address: what two people registered opens, and nobody forges it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.test import Client

from taxsys.platform import clock
from taxsys.platform.approvals.errors import NotEntitled, OwnProposal, ProposalVoid
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit import context
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.rights.errors import NotAppointed, NotGrantable
from taxsys.platform.rights.permissions import APPROVE_TERMINAL, TERMINALS, VIEW
from taxsys.platform.rights.terminals import (
    TerminalWanted,
    certificate_read,
    certificate_revoke,
    terminal_propose,
    terminal_stop,
)
from taxsys.platform.sittings.models import Sitting
from taxsys.platform.staff.models import Staff, Terminal, TerminalCertificate
from taxsys.platform.staff.permissions import HOME
from tests.platform.actors import officer, sign_in, staff_context, terminal

pytestmark = pytest.mark.django_db
PROXY = "172.30.17.2"


@dataclass(frozen=True)
class Issued:
    """A terminal's certificate as its authority issued it."""

    pem: str

    def handed_over(self, verify: str = "SUCCESS") -> dict[str, str]:
        return {"HTTP_X_TAXSYS_CLIENT_CERTIFICATE": quote(self.pem), "HTTP_X_TAXSYS_CLIENT_VERIFY": verify}


def issue(common_name: str = "T-1", *, days: int = 365, is_authority: bool = False) -> Issued:
    key, now = ec.generate_private_key(ec.SECP256R1()), clock.now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    return Issued(builder.sign(key, SHA256()).public_bytes(Encoding.PEM).decode())


@pytest.fixture
def administrators() -> tuple[Staff, Staff]:
    rights = [TERMINALS, APPROVE_TERMINAL, VIEW, HOME]
    return officer("4001", permissions=rights), officer("4002", permissions=rights)


def wanted(**changes: Any) -> TerminalWanted:
    values: dict[str, Any] = {
        "code": "T-NEW", "name": "窓口1", "unit_code": "102", "address": "10.1.1.1", "rooms": ["office"],
        "is_number_use": False,
    }  # fmt: skip
    return TerminalWanted(**{**values, **changes})


def registered(administrators: tuple[Staff, Staff], **changes: Any) -> Terminal:
    asker, decider = administrators
    with context.using(staff_context(asker)):
        approval = terminal_propose(wanted(**changes), actor=asker)
        approval_decide(approval.pk, decision="approve", actor=decider, seen_hash=approval.content_hash)
    return Terminal.objects.get(code="T-NEW")


@pytest.fixture
def by_certificate(administrators: tuple[Staff, Staff], settings: Any) -> tuple[Issued, Client]:
    """A registered certificate, and an officer who works on its terminal behind the proxy."""
    settings.TAXSYS_TERMINAL_PROOF = ["certificate"]
    settings.TAXSYS_TRUSTED_PROXIES = [PROXY]
    issued = issue()
    place = registered(administrators, address="", certificate=certificate_read(issued.pem))
    client = sign_in(Client(REMOTE_ADDR=PROXY), officer("5001", permissions=[HOME]))
    session = client.session
    session["terminal"] = place.code
    session.save()
    return issued, client


def refused(answer: Any) -> str:
    """The recorded reason of a refusal."""
    assert answer.status_code == 403
    event = AccessEvent.objects.filter(action="denied").order_by("-pk").first()
    assert event is not None
    return str(event.reason)


@pytest.mark.req("R-067")
@pytest.mark.req("R-219")
def test_a_registered_certificate_opens_and_everything_else_is_refused_with_its_reason(
    by_certificate: tuple[Issued, Client],
) -> None:
    issued, client = by_certificate
    assert client.get("/", **issued.handed_over()).status_code == 200
    assert refused(client.get("/")) == "certificate_missing"
    assert refused(client.get("/", **issued.handed_over("FAILED:certificate has expired"))) == "certificate_unverified"
    assert refused(client.get("/", **issue("T-2").handed_over())) == "certificate_unknown"
    assert refused(client.get("/", **Issued("no certificate").handed_over())) == "certificate_unreadable"
    assert Client(REMOTE_ADDR=PROXY).get("/sign-in").status_code == 403
    assert Client(REMOTE_ADDR=PROXY).get("/sign-in", **issued.handed_over()).status_code == 200


@pytest.mark.req("R-219")
@pytest.mark.parametrize("path", ["/", "/sign-in", "/healthz", "/api/v1/register-rows"])
def test_nobody_but_the_proxy_speaks_of_certificates(by_certificate: tuple[Issued, Client], path: str) -> None:
    issued, client = by_certificate
    forged = client.get(path, REMOTE_ADDR="10.9.9.9", **issued.handed_over())
    assert refused(forged) == "certificate_forged"
    assert AccessEvent.objects.filter(reason="certificate_forged").count() == 1


def test_certificates_are_not_believed_where_terminals_are_known_by_address(client: Client) -> None:
    sign_in(client, officer(permissions=[HOME]))
    assert client.get("/").status_code == 200
    assert refused(client.get("/", **issue().handed_over())) == "certificate_forged"


@pytest.mark.req("R-219")
def test_a_certificate_ends_with_its_period_and_when_it_is_stopped(
    by_certificate: tuple[Issued, Client], administrators: tuple[Staff, Staff]
) -> None:
    issued, client = by_certificate
    row = TerminalCertificate.objects.get()
    TerminalCertificate.objects.update(not_after=clock.now() - timedelta(seconds=1))
    assert refused(client.get("/", **issued.handed_over())) == "certificate_expired"
    TerminalCertificate.objects.update(
        not_before=clock.now() + timedelta(days=1), not_after=row.not_after + timedelta(2)
    )
    assert refused(client.get("/", **issued.handed_over())) == "certificate_expired"
    TerminalCertificate.objects.update(not_before=row.not_before, not_after=row.not_after)
    seated = Sitting.objects.create(staff=officer("5002"), person_key="5002", terminal_code="T-NEW")
    with context.using(staff_context(administrators[0])):
        certificate_revoke(row, actor=administrators[0])
    assert refused(client.get("/", **issued.handed_over())) == "certificate_revoked"
    seated.refresh_from_db()
    assert seated.ended_reason == "stopped"


def test_both_proofs_must_name_the_same_terminal(by_certificate: tuple[Issued, Client], settings: Any) -> None:
    issued, client = by_certificate
    settings.TAXSYS_TERMINAL_PROOF = ["address", "certificate"]
    terminal("10.0.0.7")
    there = {**issued.handed_over(), "HTTP_X_FORWARDED_FOR": "10.0.0.7"}
    assert refused(client.get("/", **there)) == "certificate_elsewhere"
    assert refused(client.get("/", **{**there, "HTTP_X_FORWARDED_FOR": "10.0.0.8"})) == "terminal"
    Terminal.objects.filter(code="T-NEW").update(address="10.0.0.8")
    assert client.get("/", **{**there, "HTTP_X_FORWARDED_FOR": "10.0.0.8"}).status_code == 200


def test_without_any_proof_configured_nobody_is_let_in(client: Client, settings: Any) -> None:
    sign_in(client, officer(permissions=[HOME]))
    settings.TAXSYS_TERMINAL_PROOF = []
    assert refused(client.get("/")) == "no_terminal_proof"


@pytest.mark.req("R-067")
def test_a_terminal_stands_on_the_list_only_when_a_second_administrator_agreed(
    administrators: tuple[Staff, Staff],
) -> None:
    asker, decider = administrators
    with context.using(staff_context(asker)):
        approval = terminal_propose(wanted(), actor=asker)
        assert not Terminal.objects.filter(code="T-NEW").exists()
        with pytest.raises(OwnProposal):
            approval_decide(approval.pk, decision="approve", actor=asker)
        with pytest.raises(NotEntitled):
            approval_decide(approval.pk, decision="approve", actor=officer("5009"))
        approval_decide(approval.pk, decision="approve", actor=decider, seen_hash=approval.content_hash)
    made = Terminal.objects.get(code="T-NEW")
    assert (made.address, made.rooms, made.is_number_use, made.is_active) == ("10.1.1.1", ["office"], False, True)


def test_a_proposal_about_a_terminal_that_changed_meanwhile_changes_nothing(
    administrators: tuple[Staff, Staff],
) -> None:
    asker, decider = administrators
    registered(administrators)
    with context.using(staff_context(asker)):
        approval = terminal_propose(wanted(is_number_use=True), actor=asker)
        terminal_stop(Terminal.objects.get(code="T-NEW"), actor=decider)
        with pytest.raises(ProposalVoid):
            approval_decide(approval.pk, decision="approve", actor=decider, seen_hash=approval.content_hash)
    assert Terminal.objects.get(code="T-NEW").is_active is False
    assert Approval.objects.get(pk=approval.pk).state == "void"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"address": ""}, "少なくとも一方"),
        ({"rooms": []}, "設置場所"),
        ({"rooms": ["cellar"]}, "設置場所"),
        ({"address": "127.0.0.1"}, "別の端末"),
    ],
)
def test_unsound_terminals_are_not_even_proposed(
    administrators: tuple[Staff, Staff], changes: dict[str, Any], words: str
) -> None:
    terminal()
    with pytest.raises(NotGrantable, match=words):
        terminal_propose(wanted(**changes), actor=administrators[0])


def test_only_who_holds_the_right_proposes_and_stops(administrators: tuple[Staff, Staff]) -> None:
    place, stranger = registered(administrators), officer("5009")
    with pytest.raises(NotAppointed):
        terminal_propose(wanted(), actor=stranger)
    with pytest.raises(NotAppointed):
        terminal_stop(place, actor=stranger)


@pytest.mark.parametrize(
    ("pem", "words"),
    [("abc", "読み取れません"), (issue(days=-1).pem, "有効期間が過ぎた"), (issue(is_authority=True).pem, "認証局")],
    ids=["no certificate", "over", "an authority's"],
)
def test_only_a_terminal_s_valid_certificate_is_taken(pem: str, words: str) -> None:
    with pytest.raises(NotGrantable, match=words):
        certificate_read(pem)


def test_the_desk_s_pages_propose_stop_and_never_take_a_private_key(
    client: Client, administrators: tuple[Staff, Staff]
) -> None:
    sign_in(client, administrators[0])
    form = {"code": "T-NEW", "name": "窓口1", "unit_code": "102", "rooms": ["office", "machine"], "address": "10.1.1.1"}
    leaked = client.post("/rights/terminals/new", {**form, "certificate": "-----BEGIN PRIVATE KEY-----"})
    assert leaked.status_code == 422
    assert "秘密鍵が含まれています" in leaked.content.decode()
    assert client.post("/rights/terminals/new", {**form, "certificate": issue().pem}).status_code == 302
    approval = Approval.objects.get()
    assert approval.content["after"]["rooms"] == ["machine", "office"]
    assert len(approval.content["after"]["fingerprint"]) == 64
    assert "BEGIN" not in str(approval.content)
    with context.using(staff_context(administrators[1])):
        approval_decide(approval.pk, decision="approve", actor=administrators[1], seen_hash=approval.content_hash)
    page = client.get("/rights/terminals").content.decode()
    assert "T-NEW" in page
    assert "マシン室" in page
    row = TerminalCertificate.objects.get()
    assert client.post(f"/rights/certificates/{row.pk}/revoke").status_code == 302
    assert client.post(f"/rights/terminals/{row.terminal_id}/stop").status_code == 302
    row.refresh_from_db()
    assert row.revoked_by == administrators[0]
    assert Terminal.objects.get(code="T-NEW").is_active is False


def test_moments_of_a_certificate_are_kept_with_their_zone() -> None:
    with time_machine.travel("2026-11-20 00:00:00+00:00", tick=False):
        read = certificate_read(issue(days=1).pem)
    assert datetime.fromisoformat(read.not_after) == datetime.fromisoformat("2026-11-21T00:00:00+00:00")
