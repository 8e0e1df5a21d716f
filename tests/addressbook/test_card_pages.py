"""The pages of the card and the acts on it: history as known then, notes that stay, changes that find their person."""

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from addressbook.delivery import delivery_for
from addressbook.models import Address, BankAccount, ContactNote, DeliveryAddress, Party, PartyLink, PartyVersion
from addressbook.permissions import EDIT_PARTY, REVEAL_PROTECTED, SEARCH_PARTY, VIEW_PARTY, WRITE_CONTACT
from addressbook.services.feed import search_keys
from addressbook.tax_kinds import tax_kind_choices
from taxsys.platform import clock
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.staff.permissions import HOME
from tests.addressbook.people import TODAY, person, protect
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db
TABS = ("", "household", "history", "contacts")
ADDRESS_WORDS = "錦町5番6号"


@pytest.fixture(autouse=True)
def _day(settings: Any) -> None:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()


@pytest.fixture
def clerk(client: Client) -> Client:
    return sign_in(client, officer(permissions=[HOME, VIEW_PARTY, SEARCH_PARTY, EDIT_PARTY, WRITE_CONTACT]))


def page(client: Client, party_id: UUID, tab: str = "", **query: str) -> str:
    answer = client.get(f"/party/{party_id}/{tab}", query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def token_of(client: Client, where: str) -> str:
    form = client.get(where).context["form"]
    return str(form.initial["token"])


def send(client: Client, where: str, /, *, page_of: str = "", **fields: Any) -> Any:
    """Draw the form, fill it, send it."""
    return client.post(where, {"token": token_of(client, page_of or where), **fields})


def family() -> tuple[Party, Party]:
    mother = person(1, name="神居　花子", kana="カムイ　ハナコ", sex="2", address_text=f"北海道旭川市{ADDRESS_WORDS}")
    child = person(2, name="神居　次郎", kana="カムイ　ジロウ", household="S0000000001", relation="20",
                   address_text=f"北海道旭川市{ADDRESS_WORDS}", birth_on=date(2015, 1, 1))  # fmt: skip
    return mother, child


# ---- 宛名・世帯 and 履歴


def test_the_household_tab_shows_members_addresses_deliveries_links_and_accounts(clerk: Client) -> None:
    mother, child = family()
    agent = person(3, name="永山　三郎")
    known: dict[str, Any] = {"recorded_at": clock.now(), "valid_from": date(2025, 4, 1)}
    PartyLink.objects.create(kind="tax_administrator", party=mother, agent=agent, tax_kind="10", **known)
    DeliveryAddress.objects.create(
        party=mother, address_text="札幌市中央区北一条西2丁目", addressee_name="別荘", **known
    )
    BankAccount.objects.create(party=mother, purpose="debit", bank_code="9999", branch_code="001", account_type="1",
                               account_no="1234567", holder_kana="ｶﾑｲ ﾊﾅｺ", **known)  # fmt: skip
    html = page(clerk, mother.id, "household")
    for words in (
        "神居　次郎", "子", "11歳", ADDRESS_WORDS, "納税管理人", "永山　三郎", "札幌市中央区北一条西2丁目",
        "＊＊＊＊567", "すべての税目", dict(tax_kind_choices())["10"],
    ):  # fmt: skip
        assert words in html, words
    assert "1234567" not in html
    shown = AccessEvent.objects.get(record_type="household")
    assert set(shown.subjects) == {str(mother.id), str(child.id), str(agent.id)}
    assert "この方が務める" in page(clerk, agent.id, "household")


@pytest.mark.req("R-091")
@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("look", [{}, {"on": "R2.1.1"}], ids=["today", "before the protection"])
def test_nothing_of_a_protected_household_stands_in_any_tab(clerk: Client, tab: str, look: dict[str, str]) -> None:
    mother, child = family()
    protect(mother, mail_to="安全な送付先", contact="090-0000-0000", opponent_name="神居　太郎")
    DeliveryAddress.objects.create(party=mother, address_text=f"{ADDRESS_WORDS}別棟", valid_from=date(2025, 4, 1),
                                   recorded_at=clock.now())  # fmt: skip
    for party in (mother, child):
        html = page(clerk, party.id, tab, **look)
        for hidden in (ADDRESS_WORDS, "錦町", "S0000000001", "安全な送付先", "090-0000-0000", "神居　太郎"):
            assert hidden not in html, (tab, hidden)
        other = child if party is mother else mother
        assert other.name not in html


def test_history_shows_what_held_then_as_known_then(clerk: Client) -> None:
    party = person(1)
    utc = ZoneInfo("UTC")
    Address.objects.filter(party=party).update(
        recorded_at=datetime(2020, 1, 1, tzinfo=utc), superseded_at=datetime(2026, 6, 1, tzinfo=utc)
    )
    Address.objects.create(party=party, valid_from=date(2010, 4, 1), valid_to=date(2025, 4, 1), full_text="旧住所1番",
                           recorded_at=datetime(2026, 6, 1, tzinfo=utc), source="juki")  # fmt: skip
    Address.objects.create(party=party, valid_from=date(2025, 4, 1), full_text="新住所2番", source="staff",
                           recorded_at=datetime(2026, 6, 1, tzinfo=utc))  # fmt: skip
    html = page(clerk, party.id, "history")
    assert "時点で表示中" not in html
    assert html.count("訂正済</span>") == 1
    held = html.split("に有効な登録")[1].split("すべての記録")[0]
    assert ("新住所2番" in held, "旧住所1番" in held) == (True, False)
    past = page(clerk, party.id, "history", on="R6.1.1")
    assert "令和6年1月1日 時点" in past
    assert "旧住所1番" in past.split("に有効な登録")[1].split("すべての記録")[0]
    then = page(clerk, party.id, "history", on="R6.1.1", known="R8.5.30")
    assert "令和8年5月30日 までの登録" in then
    assert "四条通八丁目1番3号" in then
    assert "旧住所1番" not in then


def test_an_unreadable_day_says_so_and_shows_today(clerk: Client) -> None:
    html = page(clerk, person(1).id, "history", on="R8.2.30")
    assert "令和8年2月は28日まで" in html
    assert "時点で表示中" not in html


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_asks_as_few_questions_for_a_big_household_as_for_a_small_one(clerk: Client, tab: str) -> None:
    counts = []
    for household, size in (("S8", 3), ("S9", 11)):
        first = size * 100
        party = person(first, household=household)
        for number in range(first + 1, first + size):
            person(number, household=household, relation="20")
            ContactNote.objects.create(
                party=party, contacted_on=TODAY, channel="phone", text="電話", staff_no="1", staff_name="職員",
                unit_name="市民税課", form_key=UUID(int=number), recorded_at=clock.now(),
            )  # fmt: skip
        page(clerk, party.id, tab)
        with CaptureQueriesContext(connection) as asked:
            page(clerk, party.id, tab)
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] <= 60


# ---- 対応記録


def test_a_note_is_added_once_and_stays(clerk: Client) -> None:
    party = person(1)
    where, base = f"/party/{party.id}/contacts/new", f"/party/{party.id}/contacts"
    fields = {
        "token": token_of(clerk, base),
        "contacted_on": "R8.11.20",
        "channel": "phone",
        "text": "納期を案内した。",
    }
    for _ in range(2):
        assert clerk.post(where, fields)["Location"] == base
    note = ContactNote.objects.get()
    assert (note.text, note.staff_no, note.unit_name) == ("納期を案内した。", "5001", "市民税課")
    html = page(clerk, party.id, "contacts")
    assert "納期を案内した。" in html
    assert "令和8年11月20日　電話" in html
    assert "納期を案内した。" in page(clerk, party.id)
    for change in (lambda: ContactNote.objects.update(text="別"), lambda: ContactNote.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": "番号は 1234-5678-9018 とのこと"}, "個人番号と思われる12桁の数字"),
        ({"text": ""}, "内容を入力してください。"),
        ({"contacted_on": "R8.11.21"}, "対応日が業務日より後"),
        ({"channel": "fax"}, "正しく選択してください"),
    ],
)
def test_a_note_that_cannot_be_kept_says_why(clerk: Client, fields: dict[str, str], words: str) -> None:
    party = person(1)
    values = {"contacted_on": "R8.11.20", "channel": "phone", "text": "案内した。", **fields}
    answer = send(clerk, f"/party/{party.id}/contacts/new", page_of=f"/party/{party.id}/contacts", **values)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert ContactNote.objects.count() == 0


def test_a_form_never_lands_on_another_person_officer_or_screen(clerk: Client) -> None:
    first, second = person(1), person(2)
    token = token_of(clerk, f"/party/{first.id}/contacts")
    values = {"token": token, "contacted_on": "R8.11.20", "channel": "phone", "text": "案内した。"}
    wrong = clerk.post(f"/party/{second.id}/contacts/new", values)
    assert wrong.status_code == 409
    assert "対象者が違います" in wrong.content.decode()
    other = sign_in(Client(), officer("5002", permissions=[HOME, VIEW_PARTY, WRITE_CONTACT, EDIT_PARTY]))
    assert other.post(f"/party/{first.id}/contacts/new", values).status_code == 409
    assert clerk.post(f"/party/{first.id}/contacts/new", {**values, "token": "x"}).status_code == 409
    end = {"token": token, "address_text": "札幌市", "valid_from": "R8.11.20"}
    assert clerk.post(f"/party/{first.id}/delivery/new", end).status_code == 409
    assert ContactNote.objects.count() == 0


def test_a_change_meanwhile_is_not_overwritten(clerk: Client) -> None:
    party = person(1)
    where = f"/party/{party.id}/delivery/new"
    token = token_of(clerk, where)
    send(clerk, where, address_text="札幌市中央区1番", valid_from="R8.12.1")
    late = clerk.post(where, {"token": token, "address_text": "函館市1番", "valid_from": "R8.12.1"})
    assert late.status_code == 409
    assert "他の操作で変更されました" in late.content.decode()
    assert DeliveryAddress.objects.get().address_text == "札幌市中央区1番"


# ---- 送付先・関係・住登外者


def test_a_delivery_address_is_registered_replaced_and_ended(clerk: Client) -> None:
    party = person(1)
    where = f"/party/{party.id}/delivery/new"
    send(clerk, where, tax_kind="10", address_text="札幌市中央区1番", zip="060-0001", valid_from="R8.4.1")
    send(clerk, where, tax_kind="10", address_text="函館市2番", zip="０４０００３６", valid_from="R8.11.1")
    rows = list(DeliveryAddress.objects.filter(superseded_at=None).order_by("valid_from"))
    assert [(row.address_text, row.valid_from, row.valid_to, row.zip) for row in rows] == [
        ("札幌市中央区1番", date(2026, 4, 1), date(2026, 11, 1), "0600001"),
        ("函館市2番", date(2026, 11, 1), None, "0400036"),
    ]
    assert delivery_for(party.id, "10", TODAY).address_text == "函館市2番"
    answer = send(clerk, f"/party/{party.id}/delivery/{rows[1].pk}/end", ends_on="R8.11.10")
    assert answer["Location"] == f"/party/{party.id}/household"
    assert delivery_for(party.id, "10", TODAY).address_text == "北海道旭川市四条通八丁目1番3号"
    again = clerk.post(
        f"/party/{party.id}/delivery/{rows[1].pk}/end",
        {"token": token_of(clerk, f"/party/{party.id}/delivery/new"), "ends_on": "R8.11.10"},
    )
    assert again.status_code == 409


def test_a_tax_administrator_is_registered_by_person_number_and_ended(clerk: Client) -> None:
    party, agent = person(1), person(2, name="永山　三郎")
    where = f"/party/{party.id}/link/new"
    values = {"kind": "tax_administrator", "tax_kind": "", "valid_from": "R8.4.1"}
    assert send(clerk, where, agent_no="R00000000000099", **values).status_code == 422
    own = send(clerk, where, agent_no=party.person_no, **values)
    assert "本人を相手方にはできません" in own.content.decode()
    assert send(clerk, where, agent_no="ｒ00000000000002", **values).status_code == 302
    assert delivery_for(party.id, "10", TODAY).addressee_id == agent.id
    assert "納税管理人あり" in page(clerk, party.id)
    link = PartyLink.objects.get()
    assert send(clerk, f"/party/{party.id}/link/{link.pk}/end", ends_on="R8.10.1").status_code == 302
    assert delivery_for(party.id, "10", TODAY).addressee_id == party.id


def test_a_nonresident_is_registered_after_a_look_at_candidates(clerk: Client) -> None:
    twin = person(1)
    values = {
        "name": "旭川 太郎", "name_kana": "あさひかわ ﾀﾛｳ", "birth_on": "S55.5.5", "sex": "1", "zip": "",
        "address_text": "札幌市中央区1番", "changed_on": "R8.11.20",
    }  # fmt: skip
    first = clerk.post("/party/new-nonresident", values)
    assert first.status_code == 422
    assert str(twin.id) in first.content.decode()
    assert Party.objects.count() == 1
    done = clerk.post("/party/new-nonresident", {**values, "is_other": "1"})
    made = Party.objects.get(kind="nonresident_registrant")
    assert done["Location"] == f"/party/{made.id}/"
    assert (made.name, made.name_kana, made.strict_key) == ("旭川　太郎", "アサヒカワ　タロウ", "アサヒカワタロウ")
    assert made.person_no.startswith("N")


def test_a_nonresident_changes_and_what_stood_before_stays(clerk: Client) -> None:
    party = person(
        5, kind="nonresident_registrant", state="active", household="", address_text="札幌市中央区1番",
    )  # fmt: skip
    where = f"/party/{party.id}/nonresident"
    values = {
        "name": "旭川　花子", "name_kana": "アサヒカワ　ハナコ", "birth_on": "S55.5.5", "sex": "2", "zip": "",
        "address_text": "函館市2番", "building_text": "", "changed_on": "R8.11.1",
    }  # fmt: skip
    assert send(clerk, where, **values).status_code == 302
    party.refresh_from_db()
    assert (party.name, party.strict_key, party.sex) == ("旭川　花子", search_keys("アサヒカワ　ハナコ")[0], "2")
    known = PartyVersion.objects.known().filter(party=party).order_by("valid_from")
    assert list(known.values_list("name", "valid_from", "valid_to")) == [
        ("旭川　太郎", date(2010, 4, 1), date(2026, 11, 1)),
        ("旭川　花子", date(2026, 11, 1), None),
    ]
    assert [row.full_text for row in Address.objects.as_of(TODAY).filter(party=party)] == ["函館市2番"]
    count = PartyVersion.objects.count()
    assert send(clerk, where, **values).status_code == 302
    assert PartyVersion.objects.count() == count
    early = send(clerk, where, **{**values, "name": "旭川　葉子", "changed_on": "R8.10.1"})
    assert (early.status_code, "登録済みの履歴より前" in early.content.decode()) == (422, True)


def test_residents_change_by_the_register_and_hidden_people_by_their_own_desk(clerk: Client) -> None:
    assert clerk.get(f"/party/{person(1).id}/nonresident").status_code == 404
    hidden = person(2, kind="nonresident_registrant", state="active")
    protect(hidden)
    for act in ("nonresident", "delivery/new"):
        answer = clerk.get(f"/party/{hidden.id}/{act}")
        assert answer.status_code == 403
        assert "支援措置の所管に連絡" in answer.content.decode()


# ---- 支援措置の表示


@pytest.mark.req("R-091")
def test_the_address_of_a_protected_person_opens_with_a_reason_and_an_event(clerk: Client) -> None:
    mother, child = family()
    protect(mother, mail_to="札幌市の支援施設", opponent_name="神居　太郎", targets="9")
    where = f"/party/{mother.id}/protection"
    assert clerk.get(where).status_code == 403
    officer(permissions=[REVEAL_PROTECTED])
    asked = clerk.get(where).content.decode()
    assert ADDRESS_WORDS not in asked
    assert clerk.post(where, {}).status_code == 422
    assert not AccessEvent.objects.filter(record_type="protection").exists()
    shown = clerk.post(where, {"reason": "reveal_mailing"})
    html = shown.content.decode()
    for words in (ADDRESS_WORDS, "札幌市の支援施設", "神居　太郎", "税・福祉等"):
        assert words in html
    assert shown["Cache-Control"].count("no-store") == 1
    event = AccessEvent.objects.get(record_type="protection")
    assert (event.reason, event.subjects) == ("reveal_mailing", [str(mother.id)])
    assert AccessEvent.objects.filter(record_type="address", reason="protected_address").count() == 1
    assert ADDRESS_WORDS in clerk.post(f"/party/{child.id}/protection", {"reason": "reveal_mailing"}).content.decode()
    assert clerk.get(f"/party/{person(9).id}/protection").status_code == 404
    stale = sign_in(Client(), officer(), step_up=False)
    assert stale.post(where, {"reason": "reveal_mailing"}).status_code == 401
