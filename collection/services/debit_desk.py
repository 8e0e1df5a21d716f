"""口座振替の受付 (the debit desk): applications on paper or from the web, changes, ends. F-CL-025."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max

from collection.errors import DebitError
from collection.models import (
    BankBranch,
    DebitBatchState,
    DebitMandate,
    DebitRequest,
    DebitRequestState,
    MandateEnd,
    TaxKind,
)
from collection.params import debit_plan
from collection.rules.bank_accounts import AccountFault, DebitAccount, account_checked
from taxsys.kernel import wareki
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record

_NUMBER_LOCK = 7_230_458_120


@dataclass(frozen=True, slots=True)
class Application:
    """口座振替依頼書一枚: for these taxes, from this account. `form_key` is the form's, so sent twice it is one."""

    form_key: UUID
    tax_kinds: tuple[str, ...]
    account: DebitAccount
    channel: str
    accepted_on: date
    valid_from: date


def first_day(accepted_on: date) -> date:
    """The first 納期限 that an application of this day can reach: the banks need their days (city's parameter)."""
    return accepted_on + timedelta(days=debit_plan().lead_days)


def branch_require(bank_code: str, branch_code: str, *, on: date) -> BankBranch | None:
    """The branch of the master; None where the city has no master, or for the post bank, which has no branches there.

    Raises AccountFault where the bank or the branch is not in it on the day.
    """
    if bank_code == debit_plan().post_bank_code or not BankBranch.objects.exists():
        return None
    found = BankBranch.objects.on(on).filter(bank_code=bank_code)
    branch = found.filter(branch_code=branch_code).first()
    if branch is not None:
        return branch
    if not found.exists():
        raise AccountFault("bank_code", "この銀行番号の金融機関はありません。番号を確かめてください。")
    closed = BankBranch.objects.filter(bank_code=bank_code, branch_code=branch_code).order_by("-valid_from").first()
    if closed is not None and closed.valid_to is not None:
        raise AccountFault(
            "branch_code",
            f"{closed.branch_name}は{wareki.format_long(closed.valid_to)}に廃止されています。新しい支店番号を確かめてください。",
        )
    raise AccountFault("branch_code", "この支店番号の支店はありません。番号を確かめてください。")


def mandates_register(party_id: UUID, application: Application, *, actor: str) -> list[DebitMandate]:
    """口座振替の登録: one mandate a tax, in force from `valid_from`; the one before it for the same tax ends there.

    Raises AccountFault for an account that cannot be right, DebitError for a tax that is not in the master, a start
    before the banks are ready or not after the start of the mandate in force. The same form again changes nothing.
    """
    on = clock.today()
    account = account_checked(application.account)
    branch_require(account.bank_code, account.branch_code, on=on)
    if not application.tax_kinds:
        raise DebitError("口座振替にする税目を選んでください。")
    if application.accepted_on > on:
        raise DebitError("受付日が未来です。依頼書の受付印を確かめてください。")
    earliest = first_day(application.accepted_on)
    if application.valid_from < earliest:
        raise DebitError(
            f"開始日は{wareki.format_long(earliest)}以後にしてください（金融機関の確認に{debit_plan().lead_days}日かかります）。"
        )
    with transaction.atomic():
        kinds = set(TaxKind.objects.filter(code__in=debit_plan().tax_kinds).values_list("code", flat=True))
        if unknown := sorted(set(application.tax_kinds) - kinds):
            raise DebitError(f"税目コード{'、'.join(unknown)}は口座振替にできません。")
        standing = list(DebitMandate.objects.select_for_update().filter(party_id=party_id).order_by("pk"))
        done = [one for one in standing if one.form_key == application.form_key]
        if done:
            return done
        return [
            _register(party_id, code, application, account, standing, on=on, actor=actor)
            for code in sorted(application.tax_kinds)
        ]


def _register(
    party_id: UUID, tax_kind: str, application: Application, account: DebitAccount, standing: Sequence[DebitMandate],
    *, on: date, actor: str,
) -> DebitMandate:  # fmt: skip
    start = application.valid_from
    running = [
        one for one in standing if one.tax_kind_id == tax_kind and (one.valid_to is None or one.valid_to > start)
    ]
    if any(one.valid_from >= start for one in running):
        raise DebitError("この税目には、同じ日以後に始まる口座振替が登録されています。先にそれを終了してください。")
    for before in running:
        _end(before, start, MandateEnd.CHANGED, on=on, actor=actor)
    one = DebitMandate.objects.create(
        mandate_no=_next_number(application.accepted_on),
        party_id=party_id,
        tax_kind_id=tax_kind,
        bank_code=account.bank_code,
        branch_code=account.branch_code,
        account_type=account.account_type,
        account_number=account.account_number,
        holder_kana=account.holder_kana,
        valid_from=start,
        channel=application.channel,
        accepted_on=application.accepted_on,
        form_key=application.form_key,
        registered_on=on,
        registered_by=actor,
    )
    _recorded(one, "create")
    return one


def mandate_end(mandate_id: int, *, on: date, reason: str, actor: str) -> DebitMandate:
    """口座振替の終了 from a day on. Raises DebitError for one that has ended, a day not after its start, no reason.

    What a sent request file asks of the bank cannot be called back here: the caller is told (`sent_requests`).
    """
    if reason not in {MandateEnd.PARTY, MandateEnd.BANK, MandateEnd.DEATH}:
        raise DebitError("終了の理由を選んでください。")
    with transaction.atomic():
        mandate = DebitMandate.objects.select_for_update().get(pk=mandate_id)
        if mandate.valid_to is not None:
            raise DebitError(f"この口座振替は{wareki.format_long(mandate.valid_to)}で終了しています。")
        if on <= mandate.valid_from:
            raise DebitError(f"終了日は開始日（{wareki.format_long(mandate.valid_from)}）より後にしてください。")
        _end(mandate, on, reason, on=clock.today(), actor=actor)
        _recorded(mandate, "update")
        return mandate


def _end(mandate: DebitMandate, day: date, reason: str, *, on: date, actor: str) -> None:
    mandate.valid_to, mandate.end_reason, mandate.ended_on, mandate.ended_by = day, reason, on, actor
    mandate.save(update_fields=["valid_to", "end_reason", "ended_on", "ended_by"])


def sent_requests(mandate: DebitMandate) -> list[DebitRequest]:
    """依頼中: what a sent file still asks of the bank under this mandate."""
    asked = DebitRequest.objects.filter(
        mandate=mandate, state=DebitRequestState.REQUESTED, batch__state=DebitBatchState.SENT
    )
    return list(asked.select_related("batch", "charge__tax_kind").order_by("batch__debit_on", "pk"))


def _next_number(accepted_on: date) -> str:
    """依頼番号: the day of acceptance and a running number of that day."""
    head = f"{accepted_on:%Y%m%d}-"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NUMBER_LOCK])
    last = DebitMandate.objects.filter(mandate_no__startswith=head).aggregate(last=Max("mandate_no"))["last"]
    return f"{head}{int(last.rpartition('-')[2]) + 1 if last else 1:05d}"


def _recorded(mandate: DebitMandate, action: Any) -> None:
    access_record(
        action=action, subjects=[str(mandate.party_id)], record_type="collection.debitmandate",
        record_id=mandate.mandate_no,
    )  # fmt: skip
