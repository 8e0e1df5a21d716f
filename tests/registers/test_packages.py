"""取りまとめ: one person's records for a request, masked data for a question, evidence for an audit."""

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from django.test import Client

from addressbook.models import Party
from intermediary.models import ProvisionRecord, ProvisionRequest, RegisterRow
from taxsys.platform import clock
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.registers import models
from taxsys.platform.registers.dossier import Column, NumberInPackage, PersonTable, masked_cell, zip_of
from taxsys.platform.staff.models import Staff
from tests.addressbook.people import person, protect
from tests.intermediary.people import run_of
from tests.outputs.reading import read
from tests.platform.actors import officer, sign_in
from tests.registers.scene import RIGHTS, approved, attached, clerk, opened, stepped
from tests.registers.test_vendors import refused as reasons

pytestmark = pytest.mark.django_db
NAME, PLACE = "旭川　花子", "北海道旭川市四条通八丁目77番3号"


def maker(staff_no: str = "5001", **fields: Any) -> Staff:
    """An officer who may make packages, support data and evidence."""
    rights = [*RIGHTS, "registers.package", "registers.support", "registers.evidence", *fields.pop("more", ())]
    return officer(staff_no, permissions=rights, **fields)


def subject(**fields: Any) -> Party:
    """A resident with a decided tax and two provisions, one of which may not be told."""
    party = person(77, name=NAME, kana="アサヒカワ　ハナコ", birth_on=date(1980, 5, 5), **fields)
    run_of({party: {"salary_receipts_yen": 5_000_000}})
    row = RegisterRow.objects.create(
        row_no="X-1", kind="transfer", recipient="国保の担当課", legal_base="番号法9条2項", affair="保険料の賦課",
        items=["total_income"], recorded_at=clock.now(), method="api",
    )  # fmt: skip
    for number, hidden in ((1, False), (2, True)):
        asked = ProvisionRequest.objects.create(
            row=row, client_system="kokuho", reference=f"R-{number}", fingerprint="f", tax_year=2026,
            known_on=date(2026, 11, 2), items=["total_income"], person_count=1, received_at=clock.now(),
        )  # fmt: skip
        ProvisionRecord.objects.create(
            request=asked, party=party, outcome="held" if hidden else "answered", is_nondisclosed=hidden,
            provided_at=clock.now(),
        )  # fmt: skip
    return party


def request_row(actor: Staff, party: Party, **values: Any) -> models.RegisterRow:
    given = {"request_kind": "disclose", "party": str(party.pk), "applicant": "self", "identity": "運転免許証",
             "received_on": "2026-11-02", "subject_matter": "すべての記録", **values}  # fmt: skip
    return opened("rights_request", actor, **given)


def members(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: read(archive.read(name)) for name in archive.namelist()}


@pytest.mark.req("R-283")
@pytest.mark.req("N-060")
def test_the_package_of_a_request_holds_the_persons_records_and_who_looked_but_no_hidden_exchange(
    client: Client,
) -> None:
    actor, second = maker("5001"), clerk("5002")
    party, neighbour = subject(), person(78, name="隣　次郎", address_text="北海道旭川市五条通一丁目1番")
    AccessEvent.objects.create(
        actor_kind="staff", actor_id="5002", unit_code="102", action="view", function_id="addressbook.view_party",
        subjects=[str(party.pk), str(neighbour.pk)],
    )  # fmt: skip
    row = request_row(actor, party)
    sign_in(client, actor)
    draft = client.post(f"/registers/row/{row.pk}/package", {"form": "pdf"})
    assert "審査用(決定前のため" in read(draft.content)
    attached(row, actor, "form")
    approved(row, "decide", actor, second, decision="full", decided_on="2026-11-20")
    page = client.get(f"/registers/row/{row.pk}").content.decode()
    assert f"/registers/row/{row.pk}/package" in page
    assert "情報提供等記録" in client.get(f"/registers/row/{row.pk}/package").content.decode()
    files = members(client.post(f"/registers/row/{row.pk}/package", {"form": "zip"}).content)
    assert list(files) == [
        "01_氏名等の履歴.csv", "02_住所の履歴.csv", "03_世帯の履歴.csv", "04_賦課決定.csv", "05_課税資料.csv",
        "06_紙の画像.csv", "07_期別の収納状況.csv", "08_給与からの特別徴収.csv", "09_督促.csv", "10_折衝記録.csv",
        "11_証明書の交付.csv", "12_情報提供等記録.csv", "13_記録を見た者の一覧.csv",
        "開示資料.pdf", "SHA256SUMS.txt",
    ]  # fmt: skip
    paper = files["開示資料.pdf"]
    for words in ("旭川花子", "四条通八丁目77番3号", "昭和55年5月5日", "令和8年度", "国保の担当課", "宛名の照会"):
        assert words in paper
    assert "審査用" not in paper
    assert "回答" in files["12_情報提供等記録.csv"]
    assert "自動応答不可" not in files["12_情報提供等記録.csv"]
    assert not any("隣次郎" in text or "五条通" in text for text in files.values())
    told = AccessEvent.objects.filter(record_type="register.package").order_by("pk")
    assert [(one.action, one.reason, one.subjects) for one in told] == [
        ("print", "draft", [str(party.pk)]),
        ("export", "decided", [str(party.pk)]),
    ]


@pytest.mark.req("R-283")
@pytest.mark.req("N-087")
def test_a_package_gives_no_protected_address_and_nothing_at_all_to_an_opponent(client: Client) -> None:
    actor = maker()
    party = subject()
    protect(party, opponent_name="相手　三郎")
    sign_in(client, actor)
    own = request_row(actor, party)
    text = read(client.post(f"/registers/row/{own.pk}/package", {"form": "zip"}).content)
    assert "旭川花子" in text
    assert "四条通八丁目77番3号" not in text
    assert "非表示" in text
    revealing = maker("5009", more=["addressbook.reveal_protected"])
    shown = sign_in(Client(), revealing).post(f"/registers/row/{own.pk}/package", {"form": "zip"})
    assert "四条通八丁目77番3号" in read(shown.content)
    assert AccessEvent.objects.filter(actor_id="5009", reason="protected_address").count() == 1
    agent = request_row(actor, party, applicant="agent", agent_name="相手　三郎")
    answer = client.post(f"/registers/row/{agent.pk}/package", {"form": "zip"})
    assert answer.status_code == 403
    assert "旭川" not in read(answer.content).replace("旭川市", "")


@pytest.mark.req("R-185")
def test_data_for_a_question_are_masked_and_unmasked_only_after_a_second_person(client: Client) -> None:
    actor, second = maker("5001"), clerk("5002")
    party = subject()
    vendor = opened("vendor", actor, name="保守会社", certificate="pmark", certified_until_on="2027-03-31")
    given = {"title": "税額が合わない", "receiver": str(vendor.pk), "party": str(party.pk), "question": "再現の調査",
             "is_unmasked": True, "unmasked_reason": "氏名の外字が原因のため"}  # fmt: skip
    row = opened("support_export", actor, **given)
    sign_in(client, actor)
    assert "伏せないデータが必要なときは" in client.get(f"/registers/row/{row.pk}/support").content.decode()
    refused = client.post(f"/registers/row/{row.pk}/support", {"unmasked": "yes"})
    assert refused.status_code == 403
    by_default = members(client.post(f"/registers/row/{row.pk}/support", {}).content)
    text = "".join(by_default.values())
    for hidden in ("旭川花子", "アサヒカワ", "四条通", "5月5日", party.person_no, "2026-10-"):
        assert hidden not in text
    for kept in ("昭和55年***", "令和8年度", "当初"):
        assert kept in text
    assert not any("記録を見た者" in name or "情報提供" in name for name in by_default)
    approved(row, "allow_unmasked", actor, second)
    allowed = client.post(f"/registers/row/{row.pk}/support", {"unmasked": "yes"})
    assert "旭川花子" in read(allowed.content)
    still = client.post(f"/registers/row/{row.pk}/support", {})
    assert "旭川花子" not in read(still.content)
    told = AccessEvent.objects.filter(record_type="register.support").order_by("pk").values_list("reason", flat=True)
    assert list(told) == ["masked", "unmasked", "masked"]


@pytest.mark.req("R-185")
def test_a_row_that_needs_nothing_unmasked_gets_no_approval_and_a_closed_one_gives_nothing(client: Client) -> None:
    actor = maker()
    vendor = opened("vendor", actor, name="保守会社", certificate="pmark", certified_until_on="2027-03-31")
    row = opened("support_export", actor, title="問合せ", receiver=str(vendor.pk), party=str(subject().pk),
                 question="調査", is_unmasked=False)  # fmt: skip
    assert reasons(row, "allow_unmasked", actor) == ("「伏せないデータが必要」が「いいえ」の行に、承認は要りません。",)
    stepped(row, "close", actor, erased_on="2026-11-20")
    assert sign_in(client, actor).post(f"/registers/row/{row.pk}/support", {}).status_code == 409


def test_masks_leave_nothing_of_a_name_a_place_or_a_key() -> None:
    assert masked_cell("旭川　花子", "name") == "＊＊＊"
    assert masked_cell("四条通8丁目", "place") == "＊＊＊"
    assert masked_cell("昭和55年5月5日", "birth") == "昭和55年＊＊＊"
    assert masked_cell("不詳", "birth") == "＊＊＊"
    assert masked_cell("S0000000001", "key").startswith("K-")
    assert masked_cell("", "name") == ""
    assert masked_cell("12,300円", "plain") == "12,300円"


def test_a_package_with_a_my_number_in_it_is_not_made() -> None:
    table = PersonTable("備考", (Column("内容", 40, "text"),), [["番号 123456789018"]])
    with pytest.raises(NumberInPackage):
        zip_of([table])


@pytest.mark.req("R-280")
def test_the_evidence_of_an_audit_counts_the_period_and_names_nobody(client: Client) -> None:
    actor, second = maker("5001"), clerk("5002")
    party = subject()
    request_row(actor, party)
    vendor = opened("vendor", actor, name="保守会社", certificate="pmark", certified_until_on="2026-11-19")
    with clock.at(date(2026, 11, 20)):
        change = opened("change_request", actor, title="変更", content="変更", reason="法改正", planned_on="2026-12-01")
        approved(change, "answer", actor, second, is_major=False, answer_reason="文言")
    assert vendor.tasks.get().due_on == date(2026, 11, 19)
    audit = opened("audit_record", actor, title="令和8年度 内部監査", scope="全般", auditor_no="5001",
                   period_from_on="2026-11-01", period_to_on="2026-11-30", planned_on="2026-12-10")  # fmt: skip
    sign_in(client, actor)
    assert "証拠資料" in client.get(f"/registers/row/{audit.pk}/evidence").content.decode()
    made = client.post(f"/registers/row/{audit.pk}/evidence")
    files = members(made.content)
    assert {name.split("_")[-1] for name in files} == {
        "この資料について.csv", "台帳の件数.csv", "手続の件数.csv", "決裁の件数.csv", "アクセス記録の件数.csv",
        "封印の検証.csv", "封印の署名.csv", "アクセス記録の点検.csv", "権限の棚卸.csv", "研修の受講.csv",
        "自己点検の回答.csv", "SHA256SUMS.txt",
    }  # fmt: skip
    assert "委託,委託先,1,0,1,1" in files["02_台帳の件数.csv"]
    assert "変更要求,重要な変更の判定,1,1" in files["03_手続の件数.csv"]
    assert "registers.change_request,承認,1" in files["04_決裁の件数.csv"]
    text = "".join(files.values())
    assert not any(word in text for word in ("旭川花子", "四条通", party.person_no, "職員5001"))
    assert AccessEvent.objects.filter(record_type="register.evidence", action="export").count() == 1


def test_packages_are_closed_without_their_own_right_and_on_rows_of_other_kinds(client: Client) -> None:
    actor = clerk("5001")
    row = request_row(actor, subject())
    sign_in(client, actor)
    for name in ("package", "support", "evidence"):
        assert client.post(f"/registers/row/{row.pk}/{name}").status_code == 403
    sign_in(client, maker("5001"))
    assert client.post(f"/registers/row/{row.pk}/support").status_code == 404
    assert client.post(f"/registers/row/{row.pk}/evidence").status_code == 404
