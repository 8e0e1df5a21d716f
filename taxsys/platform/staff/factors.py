"""第二要素: the interface behind which the one-time code (demonstration) and the security key (production) stand."""

import hashlib
import hmac
import os
import secrets
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from taxsys.platform import clock
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.models import OneTimeCode, Staff

CODE_LIFE = timedelta(minutes=5)


class SecondFactor(Protocol):
    """What sign-in and step-up ask for after the password.

    `begin` prepares a challenge (sends or shows nothing to the browser); `verify` takes the answer typed or given by
    the device; `prompt_ja` tells the officer what to do. `is_demonstration_only` factors are refused in production.
    """

    prompt_ja: str
    wrong_ja: str
    has_key_form: bool
    is_demonstration_only: bool

    def begin(self, staff: Staff, purpose: str) -> None:
        """Open a challenge for the officer and purpose (`sign_in` or `step_up`)."""

    def options(self, staff: Staff, purpose: str) -> dict[str, Any] | None:
        """What the page hands to the officer's key (`mode` get or create, `publicKey`); None: a code is typed."""

    def verify(self, staff: Staff, purpose: str, answer: str) -> bool:
        """Whether the answer fits the open challenge; a right answer is used up. May raise FactorRefused."""


class FactorRefused(Exception):
    """An answer that is refused for a reason the officer can be told; `message_ja` says it."""

    def __init__(self, message_ja: str) -> None:
        self.message_ja = message_ja
        super().__init__(message_ja)


def _hash(staff: Staff, purpose: str, code: str) -> str:
    message = f"{staff.pk}:{purpose}:{code}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest()


class ConsoleCode:
    """実演用: a six-digit code on the console of the person who runs the demonstration; never in production.

    It is also appended to `<TAXSYS_DATA_DIR>/console/one-time-codes.log` (mode 0600), for browser tests.
    """

    has_key_form = False
    wrong_ja = "確認コードが正しくないか、期限が切れています。"
    prompt_ja = "起動した画面（コンソール）に表示された6桁の確認コードを入力してください。"
    is_demonstration_only = True

    def begin(self, staff: Staff, purpose: str) -> None:
        """Issue a new code and print it; earlier open codes of the same purpose end."""
        code = f"{secrets.randbelow(1_000_000):06d}"
        issued_at = clock.now()
        with transaction.atomic():
            OneTimeCode.objects.filter(staff=staff, purpose=purpose).delete()
            OneTimeCode.objects.create(
                staff=staff,
                purpose=purpose,
                code_hash=_hash(staff, purpose, code),
                issued_at=issued_at,
                expires_at=issued_at + CODE_LIFE,
            )
        line = f"[確認コード] 職員番号 {staff.staff_no}  {code}  （5分間有効）"
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
        self._append(f"{staff.staff_no} {purpose} {code}\n")

    def options(self, staff: Staff, purpose: str) -> dict[str, Any] | None:
        """None: the code is typed."""
        return None

    def verify(self, staff: Staff, purpose: str, answer: str) -> bool:
        """Whether the newest open code equals the answer; five wrong tries close it."""
        with transaction.atomic():
            row = (
                OneTimeCode.objects.select_for_update()
                .filter(staff=staff, purpose=purpose)
                .order_by("-issued_at")
                .first()
            )
            if row is None or not row.is_open(clock.now()):
                return False
            if not hmac.compare_digest(row.code_hash, _hash(staff, purpose, answer.strip())):
                row.failed_attempts += 1
                row.save(update_fields=("failed_attempts",))
                return False
            row.used_at = clock.now()
            row.save(update_fields=("used_at",))
        return True

    @staticmethod
    def _append(line: str) -> None:
        folder = Path(settings.TAXSYS_DATA_DIR) / "console"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / "one-time-codes.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)


class NoFactor:
    """未設定: nobody can sign in until a second factor is configured."""

    has_key_form = False
    wrong_ja = "第二要素が設定されていません。"
    prompt_ja = "第二要素が設定されていないため、サインインできません。"
    is_demonstration_only = False

    def begin(self, staff: Staff, purpose: str) -> None:
        """Refuse with 503: there is no second factor to ask for."""
        raise Refused("R503", self.prompt_ja, reason="no_second_factor")

    def options(self, staff: Staff, purpose: str) -> dict[str, Any] | None:
        """Nothing to ask for."""
        return None

    def verify(self, staff: Staff, purpose: str, answer: str) -> bool:
        """Never true."""
        return False


def second_factor() -> SecondFactor:
    """The factor of this installation (setting TAXSYS_SECOND_FACTOR, a dotted class name)."""
    factor: SecondFactor = import_string(settings.TAXSYS_SECOND_FACTOR)()
    return factor
