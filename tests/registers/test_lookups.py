"""Look-ups in the network of resident registers are on record: who, when, whom, why; another officer checks (R-210)."""

from typing import Any

import pytest
from django.test import Client

from addressbook.models import Party
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.registers.errors import RegisterError
from taxsys.platform.registers.models import RegisterRow
from tests.addressbook.people import person
from tests.platform.actors import sign_in
from tests.registers.scene import clerk, opened, stepped

pytestmark = [pytest.mark.django_db, pytest.mark.req("R-210")]


@pytest.fixture
def party(db: None) -> Party:
    return person(1)


def form(party: Party) -> dict[str, Any]:
    return {"title": "給報 番号なし", "looked_on": "R8.11.20", "looked_at": "10:25", "looked_by": "5001",
            "party": party.person_no, "reason": "number_missing", "unit": "102"}  # fmt: skip


def test_a_look_up_is_entered_found_and_checked_by_another(client: Client, party: Party) -> None:
    sign_in(client, clerk())
    assert client.post("/registers/kind/juki_lookup/new", form(party)).status_code == 302
    row = RegisterRow.objects.get()
    assert (row.values["looked_by"], row.values["looked_at"], row.values["reason"]) == (
        "5001", "10:25", "number_missing",
    )  # fmt: skip
    listed = client.get("/registers/kind/juki_lookup", {"q": "番号なし"}).content.decode()
    assert "給報 番号なし" in listed
    assert AccessEvent.objects.filter(subjects__contains=[str(party.pk)], record_type="register.juki_lookup").exists()
    with pytest.raises(RegisterError):
        stepped(row, "check", clerk(), checked_on="2026-11-20")
    assert stepped(row, "check", clerk("5002"), checked_on="2026-11-20").state == "closed"


def test_a_look_up_without_subject_or_reason_or_with_a_number_in_it_is_not_taken(client: Client, party: Party) -> None:
    sign_in(client, clerk())
    for changes, words in (
        ({"party": ""}, "対象の宛名か、もとになった資料"),
        ({"reason": ""}, "照会の理由"),
        ({"reason": "other"}, "内容を入力"),
        ({"detail": "番号は123456789018"}, "個人番号"),
    ):
        answer = client.post("/registers/kind/juki_lookup/new", {**form(party), **changes})
        assert answer.status_code == 422, changes
        assert words in answer.content.decode()
    assert RegisterRow.objects.count() == 0


def test_a_subject_that_is_not_in_the_register_is_told_by_its_paper(party: Party) -> None:
    row = opened("juki_lookup", clerk(), title="住登外", looked_on="2026-11-20", looked_at="9:00", looked_by="5001",
                 paper="給与支払報告書 12行目", reason="address")  # fmt: skip
    assert row.state == "open"
