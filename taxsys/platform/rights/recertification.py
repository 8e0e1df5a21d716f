"""権限の棚卸: once a year each grant is confirmed by the head of its unit, or it ends at the deadline (R-226)."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import F, Q, QuerySet

from taxsys.platform import clock
from taxsys.platform.audit.services import AccessRow, access_record_many
from taxsys.platform.rights.errors import AlreadyClosed, NotAppointed
from taxsys.platform.rights.models import Appointment, Campaign, CampaignItem
from taxsys.platform.rights.offices import office_get, office_over
from taxsys.platform.rights.permissions import RECERTIFY
from taxsys.platform.rights.selectors import units_headed
from taxsys.platform.staff.access import has_permission, permission_forget
from taxsys.platform.staff.models import Grant, Staff, Unit, open_period

Duty = Appointment.Duty
State = CampaignItem.State


def campaign_open(*, title_ja: str, opened_on: date, due_on: date) -> Campaign:
    """棚卸を始める: the campaign of this title, made once."""
    campaign, _made = Campaign.objects.get_or_create(
        title_ja=title_ja, defaults={"opened_on": opened_on, "due_on": due_on}
    )
    return campaign


def campaign_collect(campaign: Campaign, unit_id: int) -> int:
    """Put every grant of the unit in force on the opening day before its head, once; returns how many are new."""
    grants = Grant.objects.filter(open_period(campaign.opened_on), unit_id=unit_id)
    missing = grants.exclude(campaign_items__campaign=campaign).order_by("pk")
    made = CampaignItem.objects.bulk_create(
        [CampaignItem(campaign=campaign, grant=grant, unit_id=unit_id) for grant in missing], ignore_conflicts=True
    )
    return len(made)


def campaign_current() -> Campaign | None:
    """The newest campaign that has not been closed."""
    return Campaign.objects.filter(closed_on__isnull=True).first()


def items_for(staff: Staff, campaign: Campaign) -> QuerySet[CampaignItem]:
    """The grants of a campaign the officer decides: the own units'; for 税制課 the heads' and deputies' own too."""
    wanted = Q(unit__in=units_headed(staff))
    if _holds_tax_system(staff):
        heads = Appointment.objects.filter(open_period(clock.today()), duty=Duty.UNIT_HEAD)
        wanted |= Q(grant__staff__in=heads.values("staff"))
    found = CampaignItem.objects.filter(wanted, campaign=campaign).exclude(grant__staff=staff)
    return found.select_related("grant__staff", "unit", "decided_by")


def _holds_tax_system(staff: Staff) -> bool:
    try:
        return office_get(staff, Duty.TAX_SYSTEM, "") is not None
    except NotAppointed:
        return False


def pending_count(staff: Staff) -> int:
    """How many grants wait for this officer's confirmation."""
    campaign = campaign_current()
    return items_for(staff, campaign).filter(state=State.PENDING).count() if campaign else 0


@transaction.atomic
def items_decide(item_ids: Iterable[int], *, keep: bool, actor: Staff) -> int:
    """棚卸の権限を継続・取消する: all of them or none; a revoked grant ends today. Returns how many were decided.

    Raises NotAppointed, SamePerson, AlreadyClosed (decided by somebody, or after the deadline).
    """
    permission_forget(actor)
    if not has_permission(actor, RECERTIFY):
        raise NotAppointed
    wanted = sorted(set(item_ids))
    items = list(
        CampaignItem.objects.select_for_update(of=("self",))
        .select_related("grant__staff", "unit", "campaign")
        .filter(pk__in=wanted)
        .order_by("pk")
    )
    today = clock.today()
    if len(items) != len(wanted):
        raise NotAppointed
    for item in items:
        office = office_over(item.grant.staff, item.unit.code, actor)
        if item.state != State.PENDING or item.campaign.closed_on or today > item.campaign.due_on:
            raise AlreadyClosed("締切を過ぎたか、すでに処理された権限が含まれるため、登録しませんでした。")
        item.state = State.KEPT if keep else State.REVOKED
        item.decided_by = actor
        item.decided_under = office.appointment
        item.decided_at = clock.now()
        item.save(update_fields=("state", "decided_by", "decided_under", "decided_at"))
        if not keep:
            _grant_end(item.grant, today)
    access_record_many(
        AccessRow(
            action="update",
            record_type="grant",
            record_id=str(item.grant_id),
            reason="recertified" if keep else "recertification_revoked",
        )
        for item in items
    )
    return len(items)


def _grant_end(grant: Grant, on: date) -> bool:
    """End a grant at 00:00 of the day; False when it had ended already."""
    if grant.to_on is not None and grant.to_on <= on:
        return False
    grant.to_on = max(on, grant.from_on)
    grant.save(update_fields=("to_on",))
    return True


def lapse(item_ids: Iterable[int], *, on: date) -> int:
    """締切: end the grants nobody confirmed, at 00:00 of `on`; harmless when run again. Returns how many ended."""
    items = list(
        CampaignItem.objects.select_for_update(of=("self",))
        .select_related("grant")
        .filter(pk__in=list(item_ids), state=State.PENDING, campaign__due_on__lt=on)
        .order_by("pk")
    )
    ended: list[CampaignItem] = []
    for item in items:
        was_open = _grant_end(item.grant, on)
        item.state = State.LAPSED if was_open else State.ENDED
        if was_open:
            ended.append(item)
    CampaignItem.objects.bulk_update(items, ("state",))
    access_record_many(
        AccessRow(action="update", record_type="grant", record_id=str(item.grant_id), reason="recertification_lapsed")
        for item in ended
    )
    return len(ended)


def overdue_items(on: date) -> QuerySet[CampaignItem]:
    """The pending grants of campaigns whose deadline lies before the day."""
    return CampaignItem.objects.filter(state=State.PENDING, campaign__due_on__lt=on)


def campaigns_close(on: date) -> int:
    """Close the campaigns past their deadline in which nothing is pending; returns how many."""
    done = Campaign.objects.filter(closed_on__isnull=True, due_on__lt=on).exclude(items__state=State.PENDING)
    return done.update(closed_on=on)


def units_to_collect(on: date) -> list[int]:
    """Ids of the units in which a grant is in force on the day."""
    found = Unit.objects.filter(grants__in=Grant.objects.filter(open_period(on))).distinct()
    return list(found.order_by("sort_order", "code").values_list("pk", flat=True))


def progress(campaign: Campaign) -> list[dict[str, object]]:
    """Per unit: how many grants, how many in each state (the campaign's count sheet)."""
    rows: dict[str, dict[str, object]] = {}
    listed = campaign.items.values_list("unit__name", "state").annotate(order=F("unit__sort_order"))
    for name, state, _order in listed.order_by("unit__sort_order", "unit__code"):
        row = rows.setdefault(name, {"unit_name": name, "all": 0, **dict.fromkeys(State.values, 0)})
        row["all"] = int(str(row["all"])) + 1
        row[state] = int(str(row[state])) + 1
    return list(rows.values())
