"""業務ホームの札とメニュー of the registers, and the acts on the pages of some kinds."""

from functools import partial

from django.urls import reverse

from taxsys.platform import clock
from taxsys.platform.registers.kinds.oversight import untrained_among
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.registers.permissions import EVIDENCE, PACKAGE, SUPPORT, VIEW
from taxsys.platform.registers.registry import PageAct, act_register
from taxsys.platform.registers.selectors import open_count, tasks_level, tasks_waiting_count
from taxsys.platform.rights.people import people_of
from taxsys.platform.rights.permissions import PEOPLE
from taxsys.platform.staff.models import Staff
from taxsys.platform.ui.menu import HomeCard, MenuItem, home_card, menu_register


def untrained_count(staff: Staff) -> int:
    """How many people of the units this officer heads have had no training in the last year (R-281)."""
    return len(untrained_among(list(people_of(staff)), clock.today()))


def cards_register() -> None:
    """Put the menu item and the cards in place (AppConfig.ready)."""
    menu_register(MenuItem(key="registers", title_ja="台帳", url_name="registers", permission=VIEW, order=87))
    home_card(
        HomeCard(
            key="untrained",
            title_ja="研修を受けていない利用者",
            url_name="rights-people",
            permission=PEOPLE,
            count=untrained_count,
            unit_ja="人",
            order=61,
            level="caution",
        )
    )
    home_card(
        HomeCard(
            key="register-tasks",
            title_ja="台帳の期限（間近・経過）",
            url_name="register-tasks",
            permission=VIEW,
            count=tasks_waiting_count,
            order=60,
            level=tasks_level,
            note=lambda staff: f"担当する処理中の行 {open_count(staff):,}件",
        )
    )


def acts_register() -> None:
    """Packages, support data and evidence are made from the page of their row (AppConfig.ready)."""
    acts = (
        ("package", "rights_request", "開示資料を作る", PACKAGE),
        ("support", "support_export", "問合せ用データを作る", SUPPORT),
        ("evidence", "audit_record", "証拠資料を書き出す", EVIDENCE),
    )
    for name, kind, title_ja, permission in acts:
        act_register(
            PageAct(name=name, kind=kind, title_ja=title_ja, permission=permission, url=partial(_act_url, name=name))
        )


def _act_url(row: RegisterRow, *, name: str) -> str:
    return reverse(f"register-{name}", args=(row.pk,))
