"""個人番号の机: where the functions that handle numbers hang in menu, home page and card."""

from typing import Any

from addressbook.card import CardTab, tab_register
from addressbook.models import NumberAlarm, NumberEntry, NumberFile
from addressbook.permissions import (
    APPROVE_NUMBER,
    APPROVE_NUMBER_FILE,
    CHECK_NUMBER_FILE,
    REGISTER_NUMBER,
    REVIEW_NUMBER_USE,
    SEARCH_NUMBER,
    VIEW_NUMBER_STATE,
)
from addressbook.selectors.number_tasks import tasks_open
from addressbook.services import number_entry, number_files
from taxsys.platform.approvals import registry
from taxsys.platform.ui.menu import MenuItem, menu_register, waiting_card


def alarms_open(staff: Any) -> int:
    """Alarms nobody has looked into; one's own do not count."""
    return NumberAlarm.objects.filter(noted_at=None).exclude(staff_no=staff.staff_no).count()


def entries_held(_staff: Any) -> int:
    """Entries kept back because something differs from the register."""
    return NumberEntry.objects.filter(state="held").count()


def files_unapproved(_staff: Any) -> int:
    """Files whose numbers are in use and not yet approved."""
    return NumberFile.objects.filter(state="unapproved").count()


def tasks_waiting(_staff: Any) -> int:
    """Numbers that were not stored and that nobody has looked into."""
    return tasks_open()


def register() -> None:
    """Called when the app is ready."""
    tab_register(
        CardTab(
            id="number", title_ja="個人番号", order=97, permission=VIEW_NUMBER_STATE, url_name="party-number",
        )
    )  # fmt: skip
    menu_register(
        MenuItem(key="number-search", title_ja="番号検索", url_name="number-search", permission=SEARCH_NUMBER, order=95)
    )
    _cards()
    registry.register(
        number_files.KIND,
        title_ja="取り込んだ個人番号の承認",
        proposes=CHECK_NUMBER_FILE.code,
        permission=APPROVE_NUMBER_FILE.code,
        stale=number_files.file_stale,
        concerned=number_files.file_concerned,
        voided_by_ja="番号の追加、標本・保管されたファイルの変更。承認の前に、決裁者が標本を再照合する",
        labels=number_files.LABELS,
        on_approved=number_files.file_approved,
        on_sent_back=number_files.file_closed,
        on_withdrawn=number_files.file_closed,
    )
    registry.register(
        number_entry.KIND,
        title_ja="個人番号の登録・変更",
        proposes=REGISTER_NUMBER.code,
        permission=APPROVE_NUMBER.code,
        stale=number_entry.entry_stale,
        subjects=number_entry.entry_subjects,
        voided_by_ja="登録の内容・宛名（名寄せ）の変更。承認の前に、決裁者が書類の番号を照合入力する",
        labels=number_entry.LABELS,
        on_approved=number_entry.entry_approved,
        on_sent_back=number_entry.entry_closed,
        on_withdrawn=number_entry.entry_closed,
    )


def _cards() -> None:
    """What waits, on the home page."""
    waiting_card("個人番号の利用の警報", "number-alarms", REVIEW_NUMBER_USE, alarms_open, level="danger")
    waiting_card("個人番号の登録の保留", "number-entries", REGISTER_NUMBER, entries_held)
    waiting_card("個人番号の確認待ち", "number-tasks", REGISTER_NUMBER, tasks_waiting)
    waiting_card("取り込んだ個人番号の未承認", "number-files", CHECK_NUMBER_FILE, files_unapproved)
