"""支援措置の延長と終了: proposed by one officer, in force when a second one approves (N-086, R-207).

The end date alone opens nothing: an address is shown again only when two people have recorded the end. An extension may
be asked for from one month before the end, and is for at most one year.
"""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from addressbook.codes import ProtectionState
from addressbook.errors import ProtectionTermRefused
from addressbook.models import Protection
from addressbook.services.protections import TOPIC_PROTECTION
from taxsys.kernel import wareki
from taxsys.kernel.calendar import years_after
from taxsys.platform import clock
from taxsys.platform.approvals.errors import ContentChanged
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.audit.services import access_record
from taxsys.platform.outbox.services import outbox_put
from taxsys.platform.staff.models import Staff

KIND = "addressbook.protection_term"
LABELS = {"valid_to": "終了日", "state": "状態"}


def extension_opens_on(row: Protection) -> date | None:
    """延長の申出を受けられる日: one month before the end; None without an end date."""
    if row.valid_to is None:
        return None
    last_of_month_before = row.valid_to.replace(day=1) - timedelta(days=1)
    return last_of_month_before.replace(day=min(row.valid_to.day, last_of_month_before.day))


def extension_ends_by(row: Protection) -> date | None:
    """延長できる最後の日: one year after the end (29 February → 28 February)."""
    return None if row.valid_to is None else years_after(row.valid_to, 1)


@transaction.atomic
def protection_extend_propose(protection_id: int, *, until: date, actor: Staff) -> Approval:
    """延長を起案する. Raises ProtectionTermRefused before the last month, or for a period that is not within a year."""
    row = _standing(protection_id)
    opens_on, ends_by = extension_opens_on(row), extension_ends_by(row)
    if row.valid_to is None or opens_on is None or ends_by is None:
        raise ProtectionTermRefused("終了日のない支援措置です。延長の必要はありません。")
    if clock.today() < opens_on:
        raise ProtectionTermRefused(
            f"延長の申出は、終了日の1月前（{wareki.format_long(opens_on)}）から受け付けられます。", field="until"
        )
    if not row.valid_to < until <= ends_by:
        raise ProtectionTermRefused(
            "延長後の終了日は、いまの終了日の翌日から1年以内の日にしてください。", field="until"
        )
    return _propose(row, actor=actor, title_ja="支援措置の延長", after={"valid_to": until.isoformat()})


@transaction.atomic
def protection_end_propose(protection_id: int, *, is_withdrawn: bool, actor: Staff) -> Approval:
    """終了を起案する: the period has passed and no extension was asked for, or the person has withdrawn (取下げ).

    Raises ProtectionTermRefused while the period runs and nothing was withdrawn.
    """
    row = _standing(protection_id)
    if not is_withdrawn and (row.valid_to is None or clock.today() <= row.valid_to):
        raise ProtectionTermRefused(
            "期間が満了していません。本人が取り下げたときは「取下げ」を、それ以外は満了後に選んでください。",
            field="decision",
        )
    state = ProtectionState.WITHDRAWN if is_withdrawn else ProtectionState.ENDED
    return _propose(row, actor=actor, title_ja=f"支援措置の{state.label}", after={"state": state.value})


def _standing(protection_id: int) -> Protection:
    found = Protection.objects.select_for_update(of=("self",)).select_related("party").filter(pk=protection_id)
    row = found.filter(state=ProtectionState.ACTIVE).first()
    if row is None:
        raise ProtectionTermRefused("実施中の支援措置ではありません。一覧を開き直して確かめてください。")
    return row


def _propose(row: Protection, *, actor: Staff, title_ja: str, after: dict[str, str]) -> Approval:
    approval = approval_propose(
        kind=KIND,
        subject_key=f"protection:{row.pk}",
        title_ja=f"{title_ja} {row.party.person_no}",
        content={"protection_id": row.pk, "before": {name: _now(row, name) for name in after}, "after": after},
        actor=actor,
    )
    _recorded(row, str(approval.pk), action="create")
    return approval


def _now(row: Protection, name: str) -> str:
    value = getattr(row, name)
    return value.isoformat() if isinstance(value, date) else str(value or "")


def term_subjects(approval: Approval) -> list[str]:
    """Whose measure the proposal is about."""
    return [
        str(one)
        for one in Protection.objects.filter(pk=approval.content["protection_id"]).values_list("party_id", flat=True)
    ]


def term_stale(approval: Approval) -> str:
    """Why the proposal no longer stands: the measure has ended or changed since (a newer list of the register)."""
    content = approval.content
    row = Protection.objects.filter(pk=content["protection_id"], state=ProtectionState.ACTIVE).first()
    if row is None or content["before"] != {name: _now(row, name) for name in content["after"]}:
        return "起案の後に、この支援措置の期間または状態が変わりました。"
    return ""


def term_approved(approval: Approval) -> None:
    """The second person has approved: the period or the state changes, and the floors above are told.

    Raises ContentChanged where the measure is no longer what the approver saw (a newer list of the register came in).
    """
    content = approval.content
    row = _standing(content["protection_id"])
    if content["before"] != {name: _now(row, name) for name in content["after"]}:
        raise ContentChanged
    after = content["after"]
    if "valid_to" in after:
        row.valid_to = date.fromisoformat(after["valid_to"])
    else:
        row.state, row.ended_on = after["state"], clock.today()
    row.recorded_at = clock.now()
    row.save(update_fields=("valid_to", "state", "ended_on", "recorded_at"))
    _recorded(row, str(approval.pk), action="update")
    outbox_put(
        topic=TOPIC_PROTECTION,
        subject_key=str(row.party_id),
        payload={"state": row.state},
        dedupe_key=f"approval:{approval.pk}",
    )


def _recorded(row: Protection, approval_id: UUID | str, *, action: str) -> None:
    access_record(
        action=action, subjects=[str(row.party_id)], record_type="protection", record_id=str(row.pk),
        reason=f"approval:{approval_id}",
    )  # fmt: skip
