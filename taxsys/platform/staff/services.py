"""職員・権限の更新: accounts, grants, transfers, API clients, and the demonstration's accounts."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from taxsys.platform import clock
from taxsys.platform.staff.access import permission_forget
from taxsys.platform.staff.catalogue import Permission, catalogue, permission_get
from taxsys.platform.staff.models import ApiClient, ApiClientGrant, Grant, Room, Staff, Terminal, Unit
from taxsys.platform.staff.rest import key_hash


@dataclass(frozen=True, kw_only=True)
class Account:
    """利用者の登録内容: staff number, name, title, unit name and kind."""

    staff_no: str
    name: str
    title: str
    unit_name: str
    kind: str = Staff.Kind.OFFICER
    contract: str = ""


@transaction.atomic
def staff_create(
    account: Account, *, password: str, valid_from: date, valid_to: date | None = None, encoded: str = ""
) -> Staff:
    """職員を登録する: creates or refreshes the account with this staff number; raises Unit.DoesNotExist.

    `encoded` is the same password as another account of a demonstration holds it, to be taken over as it is.
    """
    unit = Unit.objects.get(name=account.unit_name)
    staff = Staff.objects.filter(staff_no=account.staff_no).first() or Staff(staff_no=account.staff_no)
    staff.name = account.name
    staff.title = account.title
    staff.unit = unit
    staff.kind = account.kind
    staff.contract = account.contract
    staff.valid_from = valid_from
    staff.valid_to = valid_to
    staff.is_active = True
    if encoded:
        staff.password, staff.password_changed_at = encoded, clock.now()
    else:
        staff.set_password(password)
    staff.save()
    return staff


@transaction.atomic
def grants_give(
    staff: Staff,
    permissions: Iterable[Permission | str],
    *,
    from_on: date,
    to_on: date | None = None,
    granted_by: Staff | None = None,
) -> int:
    """権限を付与する for the officer's unit on `from_on`; already covered ones are left; returns the number given.

    Raises UnknownPermission for a code that no app declares.
    """
    codes = [permission_get(str(permission)).code for permission in permissions]
    return grants_make(staff, staff.unit_on(from_on), codes, from_on=from_on, to_on=to_on, granted_by=granted_by)


@transaction.atomic
def grants_make(
    staff: Staff,
    unit: Unit,
    codes: Iterable[str],
    *,
    from_on: date,
    to_on: date | None = None,
    granted_by: Staff | None = None,
    approval_id: UUID | None = None,
) -> int:
    """確認済の届出どおりに権限を付与する: what is held on `from_on` or later is left; returns the number given."""
    held = set(
        Grant.objects.filter(Q(to_on__isnull=True) | Q(to_on__gt=from_on), staff=staff, unit=unit).values_list(
            "permission_code", flat=True
        )
    )
    wanted = [code for code in dict.fromkeys(codes) if permission_get(code).code not in held]
    for code in wanted:
        Grant.objects.create(
            staff=staff,
            unit=unit,
            permission_code=code,
            from_on=from_on,
            to_on=to_on,
            granted_by=granted_by,
            approval_id=approval_id,
        )
    permission_forget(staff)
    return len(wanted)


@transaction.atomic
def grants_end(staff: Staff, unit: Unit, codes: Iterable[str], *, on: date) -> int:
    """権限を終わらせる: the grants of these permissions in the unit end at 00:00 of `on`; returns how many."""
    open_ones = Grant.objects.select_for_update().filter(
        Q(to_on__isnull=True) | Q(to_on__gt=on), staff=staff, unit=unit, permission_code__in=list(codes)
    )
    ended = 0
    for grant in open_ones.order_by("pk"):
        grant.to_on = max(on, grant.from_on)
        grant.save(update_fields=("to_on",))
        ended += 1
    permission_forget(staff)
    return ended


@transaction.atomic
def staff_transfer(staff: Staff, *, unit: Unit, on: date) -> Staff:
    """異動: from 00:00 of `on` the officer belongs to `unit`; the grants of the old unit end there (R-227)."""
    staff = Staff.objects.select_for_update().get(pk=staff.pk)
    old = staff.unit_on(on)
    for grant in Grant.objects.filter(Q(to_on__isnull=True) | Q(to_on__gt=on), staff=staff, unit=old):
        grant.to_on = max(on, grant.from_on)
        grant.save(update_fields=("to_on",))
    staff.unit = old
    staff.transfer_unit = unit
    staff.transfer_on = on
    staff.save(update_fields=("unit", "transfer_unit", "transfer_on"))
    permission_forget(staff)
    return staff


@transaction.atomic
def staff_leave(staff: Staff, *, on: date) -> Staff:
    """退職・委託終了: the account cannot be used from 00:00 of `on`."""
    staff = Staff.objects.select_for_update().get(pk=staff.pk)
    staff.valid_to = on
    staff.save(update_fields=("valid_to",))
    permission_forget(staff)
    return staff


@transaction.atomic
def terminal_register(
    *,
    code: str,
    name: str,
    unit_name: str,
    address: str | None,
    is_number_use: bool = False,
    rooms: Iterable[str] = (Room.OFFICE,),
) -> Terminal:
    """端末を登録する: the terminal of this code, created or refreshed; without address known by certificate."""
    unit = Unit.objects.get(name=unit_name)
    terminal = Terminal.objects.filter(code=code).first() or Terminal(code=code)
    terminal.name = name
    terminal.unit = unit
    terminal.address = address
    terminal.rooms = list(rooms)
    terminal.is_number_use = is_number_use
    terminal.is_active = True
    terminal.save()
    return terminal


@transaction.atomic
def api_client_create(
    *, name: str, system: str, permissions: Iterable[Permission | str], valid_from: date, key: str = ""
) -> tuple[ApiClient, str]:
    """連携先を登録する: returns the client and its key in clear, which is shown once and never stored.

    For an existing system the key is replaced. `key` is given only by a demonstration that needs a known one.
    """
    key = key or secrets.token_urlsafe(32)
    client = ApiClient.objects.filter(system=system).first() or ApiClient(system=system)
    client.name = name
    client.key_hash = key_hash(key)
    client.valid_from = valid_from
    client.is_active = True
    client.save()
    for permission in permissions:
        ApiClientGrant.objects.get_or_create(
            client=client, permission_code=permission_get(str(permission)).code, from_on=valid_from
        )
    return client, key


@dataclass(frozen=True, kw_only=True)
class DemoAccount:
    """One account of the demonstration: whose it is and which role's permissions it holds."""

    account: Account
    role: str


DEMO_PLEDGED_ON = date(2026, 10, 1)
DEMO_ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount(
        role="clerk",
        account=Account(staff_no="1001", name="市川 みどり", title="主事", unit_name="市民税課"),
    ),
    DemoAccount(
        role="chief",
        account=Account(staff_no="1002", name="岩崎 隆", title="係長", unit_name="市民税課"),
    ),
    DemoAccount(
        role="chief",
        account=Account(staff_no="1003", name="上田 恵子", title="課長補佐", unit_name="市民税課"),
    ),
    DemoAccount(
        role="clerk",
        account=Account(staff_no="2001", name="小川 健", title="主事", unit_name="納税管理課"),
    ),
    DemoAccount(
        role="chief",
        account=Account(staff_no="2002", name="菊地 直美", title="係長", unit_name="納税管理課"),
    ),
    DemoAccount(
        role="auditor",
        account=Account(staff_no="3001", name="佐藤 誠", title="主査", unit_name="税制課"),
    ),
    DemoAccount(
        role="chief",
        account=Account(staff_no="1004", name="大野 正", title="課長", unit_name="市民税課"),
    ),
    DemoAccount(
        role="chief",
        account=Account(staff_no="2003", name="木村 和子", title="課長", unit_name="納税管理課"),
    ),
    DemoAccount(
        role="administrator",
        account=Account(staff_no="3002", name="坂本 進", title="課長", unit_name="税制課"),
    ),
    DemoAccount(
        role="planner",
        account=Account(staff_no="3003", name="林 明日香", title="主任", unit_name="税制課"),
    ),
    DemoAccount(
        role="administrator",
        account=Account(staff_no="4001", name="中島 洋", title="課長", unit_name="情報政策課"),
    ),
    DemoAccount(
        role="administrator",
        account=Account(staff_no="4002", name="西田 薫", title="課長補佐", unit_name="情報政策課"),
    ),
    DemoAccount(
        role="neighbour",
        account=Account(staff_no="8001", name="長谷川 優", title="主事", unit_name="国民健康保険課"),
    ),
    DemoAccount(
        role="operator",
        account=Account(
            staff_no="9001",
            name="高橋 操",
            title="オペレーター",
            unit_name="税制課",
            kind=Staff.Kind.CONTRACTOR,
            contract=Staff.Contract.OPERATION,
        ),
    ),
)


def permissions_for_role(role: str, unit_name: str) -> list[Permission]:
    """The permissions whose defaults name this role (none named: clerk and chief) and this unit (none named: all)."""
    return [
        permission
        for permission in catalogue().values()
        if role in (permission.default_roles or ("clerk", "chief"))
        and (not permission.default_units or unit_name in permission.default_units)
    ]


@transaction.atomic
def demo_accounts_create(passwords: Mapping[str, str], *, from_on: date) -> list[tuple[Staff, str]]:
    """実演用の職員・端末を登録する: the accounts of DEMO_ACCOUNTS and the terminals of this machine.

    `passwords` maps staff numbers to passwords, "*" to the one for all others; raises KeyError where neither is given.
    Returns (staff, role) in order. Running it again refreshes names, passwords and missing grants.
    """
    for code, address in (("T-DEMO-4", "127.0.0.1"), ("T-DEMO-6", "::1")):
        # The demonstration's one machine stands for every room.
        terminal_register(
            code=code, name="実演用端末", unit_name="市民税課", address=address, is_number_use=True, rooms=Room.values
        )
    made: list[tuple[Staff, str]] = []
    encoded: dict[str, str] = {}  # a shared password of the demonstration is encoded once: each encoding takes a while
    for demo in DEMO_ACCOUNTS:
        account = demo.account
        password = passwords.get(account.staff_no) or passwords["*"]
        staff = staff_create(account, password=password, valid_from=from_on, encoded=encoded.get(password, ""))
        encoded[password] = staff.password
        staff.acknowledged_on = staff.trained_on = max(clock.today(), DEMO_PLEDGED_ON)
        staff.save(update_fields=("acknowledged_on", "trained_on"))
        grants_give(staff, permissions_for_role(demo.role, account.unit_name), from_on=from_on)
        made.append((staff, demo.role))
    return made
