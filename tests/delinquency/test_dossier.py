"""What the package of one person's records holds of the arrears (R-283): what was sent and said, nothing else."""

from collections.abc import Callable
from datetime import date

import pytest

from delinquency.dossier import delinquency_tables
from delinquency.models import Reminder
from delinquency.services.contacts import ContactDraft, contact_record
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.registers.dossier import Asked, masked_cell
from tests.delinquency.conftest import at_desk, debtor

Extract = Callable[..., JobRun]
Release = Callable[[JobRun], JobRun]


@pytest.mark.req("R-283")
def test_reminders_that_were_sent_and_contacts_stand_in_the_package(extract: Extract, release: Release) -> None:
    (party, _charges), (other, _others) = debtor(1), debtor(2)
    run = extract()
    asked = Asked(str(party.pk), date(2026, 11, 20), None)
    assert [table.rows for table in delinquency_tables(asked)] == [[], []]  # extracted is not yet sent
    release(run)
    with at_desk(date(2026, 7, 21)):
        for who, words in ((party, "月末に納付する"), (other, "他人の話")):
            contact_record(
                ContactDraft(
                    party_id=who.pk, contacted_on=date(2026, 7, 21), method="counter", content_ja=words,
                    next_on=date(2026, 8, 3), next_ja="入金の確認",
                )
            )  # fmt: skip
    reminders, contacts = delinquency_tables(asked)
    number = Reminder.objects.get(party=party).reminder_no
    assert reminders.rows == [
        ["令和8年7月17日", number, "市民税・道民税・森林環境税", "令和8年度", "第1期", "7,000円", "発付"]
    ]
    assert contacts.rows == [["令和8年7月21日", "窓口", "月末に納付する", "入金の確認"]]
    masked = [
        masked_cell(column.content, text) for column, text in zip(contacts.columns, contacts.rows[0], strict=True)
    ]
    assert masked[2:] == ["＊＊＊", "＊＊＊"]
