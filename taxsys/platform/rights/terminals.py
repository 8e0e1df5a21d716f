"""端末の登録: allow-list and certificates by two people, stopped by one at once (R-067, R-219)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from django.db import IntegrityError, transaction

from taxsys.platform import clock
from taxsys.platform.approvals.errors import ContentChanged
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.rights.errors import NotAppointed, NotGrantable
from taxsys.platform.rights.permissions import TERMINALS
from taxsys.platform.sittings.services import terminal_clear
from taxsys.platform.staff.access import has_permission, permission_forget
from taxsys.platform.staff.models import Room, Staff, Terminal, TerminalCertificate, Unit
from taxsys.platform.staff.terminals import fingerprint_of

KIND = "staff.terminal"
LABELS = {
    "code": "端末番号",
    "name": "端末名",
    "unit": "設置所属",
    "address": "登録アドレス",
    "rooms": "設置場所",
    "is_number_use": "番号利用端末",
    "is_active": "利用",
    "fingerprint": "証明書の指紋",
    "serial": "証明書のシリアル番号",
    "subject": "証明書の主体者",
    "not_before": "証明書の有効期間の始め",
    "not_after": "証明書の有効期間の終り",
}


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """What is kept of a terminal's certificate; never its key."""

    fingerprint: str
    serial: str
    subject: str
    not_before: str
    not_after: str


@dataclass(frozen=True, kw_only=True)
class TerminalWanted:
    """How a terminal is to stand on the list; without an address it is known by its certificate alone."""

    code: str
    name: str
    unit_code: str
    address: str
    rooms: Sequence[str]
    is_number_use: bool
    certificate: Certificate | None = None


def certificate_read(pem: str) -> Certificate:
    """端末証明書を読む (PEM); raises NotGrantable where it is unreadable, over, or no terminal's."""
    try:
        found = x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise NotGrantable("証明書を読み取れません。PEM形式の証明書の全文を貼り付けてください。") from None
    if found.not_valid_after_utc <= clock.now():
        raise NotGrantable("有効期間が過ぎた証明書です。新しい証明書を登録してください。")
    try:
        is_authority = found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        is_authority = False
    if is_authority:
        raise NotGrantable("認証局の証明書です。端末の証明書を登録してください。")
    return Certificate(
        fingerprint=fingerprint_of(pem),
        serial=f"{found.serial_number:x}",
        subject=found.subject.rfc4514_string()[:200],
        not_before=found.not_valid_before_utc.isoformat(),
        not_after=found.not_valid_after_utc.isoformat(),
    )


def _state(terminal: Terminal | None) -> dict[str, Any]:
    if terminal is None:
        return {}
    return {
        "code": terminal.code,
        "name": terminal.name,
        "unit": terminal.unit.code,
        "address": terminal.address or "",
        "rooms": sorted(terminal.rooms),
        "is_number_use": terminal.is_number_use,
        "is_active": terminal.is_active,
    }


def _may(actor: Staff) -> None:
    permission_forget(actor)
    if not has_permission(actor, TERMINALS):
        raise NotAppointed("端末を登録する権限がありません。")


@transaction.atomic
def terminal_propose(wanted: TerminalWanted, *, actor: Staff) -> Approval:
    """端末の登録・変更を届け出る; nothing changes before another administrator has approved.

    Raises NotAppointed, NotGrantable, AlreadyProposed.
    """
    _may(actor)
    held = Terminal.objects.select_related("unit").filter(code=wanted.code).first()
    if not wanted.address and wanted.certificate is None and not (held and held.certificates.exists()):
        raise NotGrantable("登録アドレスか端末証明書の、少なくとも一方が必要です。")
    if not wanted.rooms or set(wanted.rooms) - set(Room.values):
        raise NotGrantable("設置場所を選んでください。")
    if wanted.address and Terminal.objects.filter(address=wanted.address).exclude(code=wanted.code).exists():
        raise NotGrantable("このアドレスは、別の端末に登録されています。")
    certificate = wanted.certificate
    if certificate and TerminalCertificate.objects.filter(fingerprint=certificate.fingerprint).exists():
        raise NotGrantable("この証明書は、すでに登録されています。")
    after = {
        "code": wanted.code,
        "name": wanted.name,
        "unit": Unit.objects.get(code=wanted.unit_code).code,
        "address": wanted.address,
        "rooms": sorted(wanted.rooms),
        "is_number_use": wanted.is_number_use,
        "is_active": True,
        **(asdict(certificate) if certificate else {}),
    }
    return approval_propose(
        kind=KIND,
        subject_key=wanted.code,
        title_ja=f"端末の{'変更' if held else '登録'}：{wanted.code}　{wanted.name}",
        content={"before": _state(held), "after": after},
        actor=actor,
    )


def terminal_stale(approval: Any) -> str:
    """Why the proposal no longer stands."""
    held = Terminal.objects.select_related("unit").filter(code=approval.content["after"]["code"]).first()
    return "" if _state(held) == approval.content["before"] else "届出の後に、この端末の登録が変わりました。"


def terminal_approved(approval: Any) -> None:
    """The handler: the terminal stands as it was shown; raises ContentChanged where it has changed meanwhile."""
    before, after = approval.content["before"], approval.content["after"]
    held = Terminal.objects.select_for_update(of=("self",)).select_related("unit").filter(code=after["code"]).first()
    if _state(held) != before:
        raise ContentChanged("届出の後に、この端末の登録が変わりました。届け出直してください。")
    terminal = held or Terminal(code=after["code"])
    terminal.name, terminal.rooms, terminal.is_number_use = after["name"], after["rooms"], after["is_number_use"]
    terminal.unit, terminal.address = Unit.objects.get(code=after["unit"]), after["address"] or None
    terminal.is_active = True
    try:
        with transaction.atomic():
            terminal.save()
            if "fingerprint" in after:
                TerminalCertificate.objects.create(
                    terminal=terminal,
                    approval_id=approval.pk,
                    **{name: after[name] for name in ("fingerprint", "serial", "subject")},
                    **{name: datetime.fromisoformat(after[name]) for name in ("not_before", "not_after")},
                )
    except IntegrityError as error:
        raise ContentChanged("届出の後に、同じアドレスまたは証明書が登録されました。届け出直してください。") from error


@transaction.atomic
def terminal_stop(terminal: Terminal, *, actor: Staff) -> None:
    """端末を止める (lost, taken away): nobody works from it from this moment; raises NotAppointed."""
    _may(actor)
    terminal.is_active = False
    terminal.save(update_fields=("is_active",))
    terminal_clear(terminal.code)


@transaction.atomic
def certificate_revoke(certificate: TerminalCertificate, *, actor: Staff) -> None:
    """端末証明書を止める: it opens nothing from this moment and never again; raises NotAppointed."""
    _may(actor)
    if certificate.revoked_at is None:
        certificate.revoked_at, certificate.revoked_by = clock.now(), actor
        certificate.save(update_fields=("revoked_at", "revoked_by"))
        terminal_clear(certificate.terminal.code)
