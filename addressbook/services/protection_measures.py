"""支援措置の登録 by hand: hidden once one officer enters it, in force when a second approves (N-086, R-207).

The paper of another municipality or of this one's counter does not wait for the night's list: the person (and the
household) is hidden at once by a placeholder without details, which only a measure, or two people, can end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from addressbook.codes import ProtectionKind, ProtectionState
from addressbook.errors import ProtectionTermRefused
from addressbook.models import Party, Protection, ProtectionOpponent
from addressbook.services.protections import opponent_party, protections_apply, protections_flag
from taxsys.kernel import wareki
from taxsys.kernel.calendar import years_after
from taxsys.platform import clock
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.audit.services import access_record
from taxsys.platform.files.municipalities import name_of
from taxsys.platform.staff.models import Staff

KIND = "addressbook.protection_measure"
SOURCE = "staff"
TARGETS = {"1": "住民票の写し等", "2": "戸籍の附票の写し", "9": "税・福祉等"}


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What the 支援措置申出書 says. `opponents` are (name, address) pairs, the first one the named opponent."""

    person_no: str
    kind: str
    accepted_on: date
    valid_from: date
    valid_to: date
    targets: Sequence[str]
    requested_from: str
    opponents: Sequence[tuple[str, str]]
    members: Sequence[str] = ()
    contact: str = ""
    mail_to: str = ""


@transaction.atomic
def measure_propose(measure: Measure, *, actor: Staff) -> Approval:
    """支援措置の登録を起案する: hides the person at once; raises ProtectionTermRefused, AlreadyProposed."""
    party = _checked(measure)
    protections_flag({party.id: measure.accepted_on})
    approval = approval_propose(
        kind=KIND,
        subject_key=f"measure:{party.id}:{measure.kind}:{measure.accepted_on.isoformat()}",
        title_ja=f"支援措置の登録 {party.person_no}",
        content={"party": str(party.id), "before": {}, "after": _content(measure)},
        actor=actor,
    )
    _recorded(party.id, approval, action="create")
    return approval


def _checked(measure: Measure) -> Party:
    party = Party.objects.filter(person_no=measure.person_no, merged_into__isnull=True).first()
    if party is None:
        raise ProtectionTermRefused("宛名が見つかりません。宛名番号を確かめてください。", field="person_no")
    if not measure.accepted_on <= measure.valid_from:
        raise ProtectionTermRefused("開始日は、申出の受付日以後の日にしてください。", field="valid_from")
    if not measure.valid_from < measure.valid_to <= years_after(measure.valid_from, 1):
        raise ProtectionTermRefused("終了日は、開始日の翌日から1年以内の日にしてください。", field="valid_to")
    if name_of(measure.requested_from) is None:
        raise ProtectionTermRefused(
            "市区町村コードがありません。6桁のコードを確かめてください。", field="requested_from"
        )
    if not measure.opponents or not measure.opponents[0][0]:
        raise ProtectionTermRefused("相手方の氏名を入力してください。", field="opponent_1_name")
    known = set(Party.objects.filter(person_no__in=measure.members).values_list("person_no", flat=True))
    if missing := sorted(set(measure.members) - known):
        raise ProtectionTermRefused(
            f"併せて支援を求める者の宛名が見つかりません：{'、'.join(missing)}", field="members"
        )
    if _standing(party.id, measure.kind, measure.accepted_on):
        raise ProtectionTermRefused("同じ区分・受付日の支援措置が登録されています。一覧を確かめてください。")
    return party


def _standing(party_id: UUID | str, kind: str, accepted_on: date | str) -> bool:
    return Protection.objects.filter(party_id=party_id, kind=kind, accepted_on=accepted_on).exists()


def _content(measure: Measure) -> dict[str, Any]:
    return {
        "kind": measure.kind,
        "accepted_on": measure.accepted_on.isoformat(),
        "valid_from": measure.valid_from.isoformat(),
        "valid_to": measure.valid_to.isoformat(),
        "targets": sorted(measure.targets),
        "requested_from": measure.requested_from,
        "opponents": [{"name": name, "address": address} for name, address in measure.opponents],
        "members": sorted(measure.members),
        "contact": measure.contact,
        "mail_to": measure.mail_to,
    }


def measure_subjects(approval: Approval) -> list[str]:
    """Whose record the proposal is."""
    return [approval.content["party"]]


def measure_stale(approval: Approval) -> str:
    """Why the proposal no longer stands: the register's own list was faster, or the party was merged."""
    content = approval.content
    after = content["after"]
    if not Party.objects.filter(pk=content["party"], merged_into__isnull=True).exists():
        return "起案の後に、宛名が統合されました。"
    if _standing(content["party"], after["kind"], after["accepted_on"]):
        return "起案の後に、同じ区分・受付日の支援措置が登録されました。"
    return ""


def measure_present(approval: Approval) -> list[tuple[str, str, str]]:
    """What the second person compares with the paper; the protected person's own address does not stand here."""
    after = approval.content["after"]
    party = Party.objects.get(pk=approval.content["party"])
    day = {name: wareki.format_long(date.fromisoformat(after[name])) for name in _DAYS}
    rows = [
        ("対象者", f"{party.person_no}　{party.name}"),
        ("支援区分", ProtectionKind(after["kind"]).label),
        *((label, day[name]) for name, label in _DAYS.items()),
        ("対象事務", "・".join(TARGETS.get(code, code) for code in after["targets"]) or "（なし）"),
        ("申出を受けた市区町村", name_of(after["requested_from"]) or after["requested_from"]),
    ]
    for number, one in enumerate(after["opponents"], start=1):
        rows += [(f"相手方{number} 氏名", one["name"]), (f"相手方{number} 住所", one["address"] or "（なし）")]
    rows += [
        ("併せて支援を求める者", "、".join(after["members"]) or "（なし）"),
        ("連絡先（秘匿）", after["contact"] or "（なし）"),
        ("送付先", after["mail_to"] or "（なし）"),
    ]
    return [(label, "（なし）", value) for label, value in rows]


_DAYS = {"accepted_on": "申出の受付日", "valid_from": "開始日", "valid_to": "終了日"}


def measure_approved(approval: Approval) -> None:
    """The second person has compared the paper: the measure stands, with everyone it names."""
    content, after = approval.content, approval.content["after"]
    party = Party.objects.select_for_update(no_key=True).get(pk=content["party"])
    first = after["opponents"][0]
    record = {
        "person_no": party.person_no,
        "kind": after["kind"],
        "accepted_on": after["accepted_on"],
        "from": after["valid_from"],
        "to": after["valid_to"],
        "targets": ";".join(after["targets"]),
        "abuser_name": first["name"],
        "abuser_address": first["address"],
        "with_persons": ";".join(after["members"]),
        "contact": after["contact"],
        "mail_to": after["mail_to"],
        "forwarded_to": "",
        "state": ProtectionState.ACTIVE.value,
        "updated_at": "",
    }
    protections_apply([record], source=SOURCE)
    row = Protection.objects.get(party=party, kind=after["kind"], accepted_on=after["accepted_on"])
    row.requested_from = after["requested_from"]
    row.save(update_fields=("requested_from",))
    ProtectionOpponent.objects.bulk_create(
        ProtectionOpponent(
            protection=row,
            name=one["name"],
            address=one["address"],
            party=opponent_party(one["name"], one["address"]),
        )
        for one in after["opponents"][1:]
    )
    _recorded(party.id, approval, action="update")


def measure_closed(approval: Approval) -> None:
    """否認: two people have looked, the placeholder ends. Sent back or void, the person stays hidden for the next."""
    if approval.state != Approval.State.REJECTED:
        return
    party_id = approval.content["party"]
    waiting = Protection.objects.filter(party_id=party_id, kind=ProtectionKind.DETAILS_PENDING)
    waiting.filter(state=ProtectionState.ACTIVE).update(
        state=ProtectionState.ENDED, ended_on=clock.today(), recorded_at=clock.now()
    )
    _recorded(party_id, approval, action="update")


def _recorded(party_id: UUID | str, approval: Approval, *, action: str) -> None:
    access_record(
        action=action, subjects=[str(party_id)], record_type="protection", record_id=str(party_id),
        reason=f"approval:{approval.pk}",
    )  # fmt: skip
