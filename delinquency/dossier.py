"""本人の記録の取りまとめ (滞納): reminders sent and what was said with the person (R-283)."""

from uuid import UUID

from delinquency.models import Contact, Reminder, ReminderState
from taxsys.kernel import wareki
from taxsys.platform.registers.dossier import Asked, Column, PersonTable, Section, section_register
from taxsys.platform.ui.templatetags.house import wareki_year, yen_text

_SENT = (ReminderState.ISSUED, ReminderState.WITHDRAWN)


def delinquency_tables(asked: Asked) -> list[PersonTable]:
    """督促 that were issued, withdrawn ones too, and 折衝記録; what was never sent is no record of the person's."""
    key = UUID(asked.party_key)
    reminders = Reminder.objects.filter(party_id=key, state__in=_SENT).select_related("charge__tax_kind")
    return [
        PersonTable(
            "督促",
            (
                Column("発付日", 36),
                Column("督促番号", 28, "key"),
                Column("税目", 40),
                Column("課税年度", 24),
                Column("期別", 18),
                Column("督促した額", 22, is_number=True),
                Column("状態", 16),
            ),
            [
                [
                    wareki.format_long(one.issued_on) if one.issued_on else "",
                    one.reminder_no,
                    one.charge.tax_kind.title,
                    wareki_year(one.charge.tax_year),
                    one.instalment_ja,
                    yen_text(one.total_yen),
                    one.get_state_display(),
                ]
                for one in reminders.order_by("-issued_on", "-pk")
            ],
        ),
        PersonTable(
            "折衝記録",
            (Column("折衝日", 34), Column("方法", 30), Column("内容", 80, "text"), Column("次にすること", 30, "text")),
            [
                [wareki.format_long(one.contacted_on), one.get_method_display(), one.content_ja, one.next_ja]
                for one in Contact.objects.filter(party_id=key)
            ],
        ),
    ]


def section_of_delinquency() -> None:
    """Register the section (AppConfig.ready)."""
    section_register(Section(name="delinquency", title_ja="滞納", order=40, tables=delinquency_tables))
