"""課税資料 and 突合: papers as they were read, candidates with what agreed, binding and undoing on record."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from addressbook.models import Party
from addressbook.services.numbers import hold_number, number_assign, number_bind_held, parties_with_number
from assessment.errors import MatchRefused
from assessment.models import DocumentExclusion, MatchEvent, SourceDocument, SourceState
from assessment.permissions import VIEW_SOURCES
from assessment.sources import matching, selectors
from assessment.sources.contents import CONTENTS
from taxsys.platform import clock
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit.context import using
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.staff.catalogue import catalogue
from tests.addressbook.conftest import full_context
from tests.addressbook.people import person, protect
from tests.assessment.desk.scene import computed, paper_file, resident, wage_paper, withholder
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db
NUMBER, OTHER_NUMBER = "123456789018", "123456789026"


@pytest.fixture(autouse=True)
def _at_the_desk() -> Iterator[None]:
    with clock.at(date(2026, 11, 20)), using(full_context(actor_kind="staff", actor_id="1001")):
        yield


def clerk(client: Client, staff_no: str = "1001") -> Client:
    codes = [code for code in catalogue() if code != "addressbook.reveal_protected"]
    return sign_in(client, officer(staff_no, permissions=codes))


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return str(answer.content.decode())


def token(html: str) -> str:
    return re.findall(r'name="subject_token" value="([^"]+)"', html)[0]


def post(client: Client, paper: SourceDocument, act: str, **fields: Any) -> Any:
    return client.post(f"/assessment/documents/{paper.pk}/{act}", fields)


def reload(paper: SourceDocument) -> SourceDocument:
    return SourceDocument.objects.get(pk=paper.pk)


# ---- a paper as it was read


def test_the_boxes_stand_in_the_paper_s_own_order_and_words_without_the_number(client: Client) -> None:
    party = resident(1)
    paper = wage_paper(
        party, received_file=paper_file(), number_ref=hold_number("2", NUMBER, source="f"),
        items={"left_on": "2025-09-30", "social_insurance_yen": 1_668_200, "wage_yen": 6_543_200, "is_widow": 1,
               "dependants_general": 2, "disability_code": 1, "strange": "x", "life_care_yen": None},
        relatives=[{"role": "spouse", "name": "旭川　花子", "kana": "アサヒカワ　ハナコ", "birth_on": "1981-02-03"}],
    )  # fmt: skip
    assert [(box.title_ja, box.text) for box in selectors.boxes(paper)] == [
        ("支払金額", "6,543,200円"), ("社会保険料等の金額", "1,668,200円"), ("その他の扶養親族", "2人"),
        ("本人の障害", "障害者"), ("寡婦", "該当"), ("退職年月日", "令和7年9月30日"), ("その他(strange)", "x"),
    ]  # fmt: skip
    html = page(clerk(client), f"/assessment/documents/{paper.pk}")
    assert NUMBER not in html
    for words in (
        "記載あり（表示しません）",
        "個人番号",
        "✓ 一致",
        "旭川　花子",
        "昭和56年2月3日",
        "kyuho.csv",
        "1行目",
    ):
        assert words in html, words


def test_every_box_of_every_paper_has_a_title() -> None:
    for boxes in CONTENTS.values():
        assert len({box.name for box in boxes}) == len(boxes)
        assert all(box.title_ja for box in boxes)


def test_lists_by_party_and_by_file_name_the_paper_its_state_and_why_it_did_not_count(client: Client) -> None:
    party, received = resident(1), paper_file()
    paper = wage_paper(party, received_file=received, withholder=withholder())
    late = wage_paper(party, line_no=2, received_file=received, kind="return", items={"wage_yen": 1})
    run = computed()
    DocumentExclusion.objects.update_or_create(
        run=run, document=paper, defaults={"reason_code": "return_filed", "adopted_documents": [late.pk]}
    )
    html = page(clerk(client), f"/party/{party.id}/documents")
    for words in ("給与支払報告書", "所得税確定申告書", "株式会社北斗", "申告書が出ているため", "有効"):
        assert words in html, words
    files = page(client, "/assessment/files")
    assert (received.name in files, "2件" in files) == (True, True)
    lines = page(client, f"/assessment/files/{received.pk}")
    assert ("1行目" in lines, "株式会社北斗" in lines) == (True, True)
    protect(party)
    assert "株式会社北斗" not in page(client, f"/assessment/files/{received.pk}")


# ---- the work list


def test_the_work_list_tells_candidates_scores_and_reasons(client: Client) -> None:
    person(1)
    person(2)
    wage_paper(None)
    wage_paper(None, line_no=2, name_kana="ダレモ　イナイ", birth_on=date(1950, 1, 1))
    html = page(clerk(client), "/assessment/unmatched")
    assert "同じカナ・生年月日の宛名が複数あります" in html
    assert "該当する宛名がありません" in html
    assert ("2人" in html, "100点" in html, "0人" in html) == (True, True, True)
    assert "突合不能の資料" in page(client, "/")


def test_who_may_not_match_sees_no_candidates_and_no_hidden_address(client: Client) -> None:
    protect(person(1))
    paper = wage_paper(None)
    sign_in(client, officer("5005", permissions=[VIEW_SOURCES]))
    for address in ("/assessment/unmatched", f"/assessment/documents/{paper.pk}"):
        html = page(client, address)
        assert "四条通" not in html
        assert "非表示" in html
        assert "100点" not in html


@pytest.mark.req("N-100")
def test_a_protected_candidate_s_address_decides_nothing_that_can_be_seen(client: Client) -> None:
    party = person(1)
    protect(party)
    same = wage_paper(None)
    other = wage_paper(None, line_no=2, address="札幌市中央区1-1")
    clerk(client)
    pages = [page(client, f"/assessment/documents/{paper.pk}") for paper in (same, other)]
    for html in pages:
        assert ("四条通" in html, "札幌市" in html, "80点" in html) == (False, False, True)
        assert "－ 非表示：住所" in html


# ---- binding, undoing, forwarding


@pytest.mark.req("R-012")
def test_a_clerk_binds_a_paper_and_evidence_reason_and_event_stay(client: Client) -> None:
    party = person(1)
    paper = wage_paper(None, address="札幌市中央区1-1", number_ref=hold_number("1", NUMBER, source="f"))
    html = page(clerk(client), f"/assessment/documents/{paper.pk}")
    answer = post(client, paper, "attach", party=party.pk, reason="電話で確認", subject_token=token(html))
    assert (answer.status_code, answer["Location"]) == (302, "/assessment/unmatched")
    bound = reload(paper)
    assert (bound.party_id, bound.match_method, bound.state) == (party.pk, "manual", "active")
    agreed = bound.match_evidence["agreed"]
    assert (agreed["kana"], agreed["birth_on"], agreed["address"]) == (True, True, False)
    assert bound.match_evidence["number_bound"] == "stored"
    assert parties_with_number([party.pk]) == {party.pk}
    event = MatchEvent.objects.get()
    assert (event.actor_id, event.reason, event.is_undo) == ("1001", "電話で確認", False)
    assert AccessEvent.objects.filter(action="update", record_type="assessment.document").count() == 1
    assert "電話で確認" in page(client, f"/assessment/documents/{paper.pk}")


@pytest.mark.req("R-012")
def test_undoing_returns_the_paper_and_the_number_it_had_brought(client: Client) -> None:
    party = person(1)
    paper = wage_paper(None, address="札幌市中央区1-1", number_ref=hold_number("1", NUMBER, source="f"))
    matching.match_attach(paper.pk, party.pk, actor=officer("1001"), reason="x")
    html = page(clerk(client), f"/assessment/documents/{paper.pk}")
    assert post(client, paper, "detach", reason="別人だった", subject_token=token(html)).status_code == 302
    back = reload(paper)
    assert (back.party_id, back.state, back.match_method) == (None, "unmatched", "none")
    assert parties_with_number([party.pk]) == set()
    assert [one.is_undo for one in MatchEvent.objects.order_by("pk")] == [False, True]
    assert number_bind_held(paper.number_ref, party.pk) == "stored"  # type: ignore[arg-type]


def test_undoing_leaves_a_number_that_the_party_had_before(client: Client) -> None:
    party = person(1)
    number_assign(party.pk, NUMBER, source="juki", verified_by="resident-record")
    ref = hold_number("1", NUMBER, source="f")
    assert ref is not None
    assert number_bind_held(ref, party.pk) == "same"
    paper = wage_paper(party, number_ref=ref)
    MatchEvent.objects.create(document=paper, party=party, method="number", actor_id="batch", recorded_at=clock.now())
    matching.match_detach(paper.pk, actor_id="1001", reason="別人")
    assert parties_with_number([party.pk]) == {party.pk}
    assert reload(paper).number_ref is None
    assert "記載あり" in page(clerk(client), f"/assessment/documents/{paper.pk}")


def test_a_number_that_contradicts_needs_a_second_officer(client: Client) -> None:
    party = person(1)
    number_assign(party.pk, OTHER_NUMBER, source="juki", verified_by="resident-record")
    paper = wage_paper(None, number_ref=hold_number("1", NUMBER, source="f"))
    html = page(clerk(client), f"/assessment/documents/{paper.pk}")
    assert ("二人で確かめてください" in html, "突合を起案する" in html) == (True, True)
    post(client, paper, "attach", party=party.pk, reason="番号の誤記", subject_token=token(html))
    assert reload(paper).state == SourceState.UNMATCHED
    approval = Approval.objects.get()
    again = post(client, paper, "attach", party=party.pk, reason="x", subject_token=token(html))
    assert (again.status_code, "すでに決裁待ち" in again.content.decode()) == (409, True)
    second = clerk(client, "1002")
    shown = page(second, f"/approvals/{approval.pk}")
    assert ("アサヒカワ" in shown, "番号の誤記" in shown, NUMBER in shown) == (True, True, False)
    approval_decide(approval.pk, decision="approve", actor=officer("1002"), seen_hash=approval.content_hash)
    bound = reload(paper)
    assert (bound.party_id, bound.match_evidence["number_bound"]) == (party.pk, "different")
    assert MatchEvent.objects.get().reason == "番号の誤記(決裁 1002)"


def test_two_clerks_at_once_the_second_is_told_who_was_first(client: Client) -> None:
    party, other = person(1), person(2, kana="アサヒカワ　ジロウ")
    paper = wage_paper(None, address="札幌市中央区1-1")
    first, second = clerk(Client(), "1001"), clerk(client, "1003")
    seen = [token(page(one, f"/assessment/documents/{paper.pk}")) for one in (first, second)]
    assert post(first, paper, "attach", party=party.pk, reason="a", subject_token=seen[0]).status_code == 302
    late = post(second, paper, "attach", party=other.pk, reason="b", subject_token=seen[1])
    assert late.status_code == 409
    assert "職員1001が" in late.content.decode()
    assert reload(paper).party_id == party.pk
    with pytest.raises(MatchRefused, match="突合できません"):
        matching.match_attach(paper.pk, other.pk, actor=officer("1003"), reason="b")


def test_a_form_of_another_paper_another_officer_or_forged_is_refused(client: Client) -> None:
    party = person(1)
    paper, other = wage_paper(None), wage_paper(None, line_no=2)
    mine = token(page(clerk(client), f"/assessment/documents/{paper.pk}"))
    theirs = token(page(clerk(Client(), "1003"), f"/assessment/documents/{paper.pk}"))
    for target, sent in ((other, mine), (paper, theirs), (paper, mine[:-2] + "xx"), (paper, "")):
        answer = post(client, target, "attach", party=party.pk, reason="x", subject_token=sent)
        assert answer.status_code == 409
    assert SourceDocument.objects.filter(party__isnull=False).count() == 0


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"reason": ""}, "理由を入力してください。"),
        ({"reason": "x"}, "候補を一つ選ぶか、宛名番号を入力してください"),
        ({"reason": "x", "person_no": "R99999999999999"}, "この宛名番号の宛名はありません。"),
        ({"reason": "x", "party": "not-an-id"}, "候補を一つ選ぶか"),
    ],
)
def test_incomplete_input_is_told_and_nothing_is_bound(client: Client, fields: dict[str, str], message: str) -> None:
    person(1)
    paper = wage_paper(None)
    sent = {**fields, "subject_token": token(page(clerk(client), f"/assessment/documents/{paper.pk}"))}
    answer = post(client, paper, "attach", **sent)
    assert (answer.status_code, message in answer.content.decode()) == (422, True)
    assert reload(paper).state == SourceState.UNMATCHED


def test_a_party_that_no_key_finds_is_named_by_its_number(client: Client) -> None:
    party = person(7, kana="キュウセイ　ハナコ", birth_on=date(1970, 1, 1))
    paper = wage_paper(None, name_kana="シンセイ　ハナコ", birth_on=date(1971, 1, 1))
    seen = token(page(clerk(client), f"/assessment/documents/{paper.pk}"))
    post(client, paper, "attach", person_no=party.person_no, reason="旧姓と確認", subject_token=seen)
    assert reload(paper).party_id == party.pk


def test_a_merged_party_is_not_bound() -> None:
    survivor, merged = person(1), person(2)
    Party.objects.filter(pk=merged.pk).update(merged_into=survivor)
    with pytest.raises(MatchRefused, match="統合先"):
        matching.match_attach(wage_paper(None).pk, merged.pk, actor=officer("1001"), reason="x")


def test_a_paper_of_another_municipality_is_forwarded_and_taken_back(client: Client) -> None:
    paper = wage_paper(None)
    seen = token(page(clerk(client), f"/assessment/documents/{paper.pk}"))
    assert post(client, paper, "forward", reason="札幌市へ", subject_token=seen).status_code == 302
    assert reload(paper).state == SourceState.FORWARDED
    assert "旭川" not in re.sub(r"(?s)<header.*?</header>", "", page(client, "/assessment/unmatched"))
    assert "旭川" in page(client, "/assessment/unmatched?state=forwarded")
    html = page(client, f"/assessment/documents/{paper.pk}")
    assert "札幌市へ" in html
    post(client, paper, "take-back", reason="当市に住所あり", subject_token=token(html))
    assert reload(paper).state == SourceState.UNMATCHED
    assert [(one.event.reason, one.act_ja) for one in selectors.match_history(paper)] == [
        ("当市に住所あり", "回送の取消"), ("札幌市へ", "他市町村への回送"),
    ]  # fmt: skip


def test_a_bound_paper_is_not_forwarded_and_a_live_one_not_taken_back() -> None:
    bound = wage_paper(person(1))
    for act in (matching.document_forward, matching.document_take_back):
        with pytest.raises(MatchRefused):
            act(bound.pk, actor_id="1001", reason="x")
        with pytest.raises(MatchRefused, match="理由"):
            act(bound.pk, actor_id="1001", reason=" ")


@pytest.mark.req("R-187")
def test_the_place_of_a_paper_is_kept_with_every_earlier_one(client: Client) -> None:
    clerk(client)
    paper = wage_paper(resident(1))
    assert "紙の保管場所は記録されていません" in page(client, f"/assessment/documents/{paper.pk}")
    post(client, paper, "place", place="第2書庫　保管庫A　箱12", is_locked="yes")
    post(client, paper, "place", place="第2書庫　保管庫A　箱12", is_locked="yes")
    post(client, paper, "place", place="市民税課　机上")
    html = page(client, f"/assessment/documents/{paper.pk}")
    assert "市民税課　机上" in html
    assert "施錠なし" in html
    assert "第2書庫　保管庫A　箱12" in html
    assert [(one.place, one.is_locked, one.placed_by) for one in paper.placements.order_by("pk")] == [
        ("第2書庫　保管庫A　箱12", True, "1001"),
        ("市民税課　机上", False, "1001"),
    ]
    assert AccessEvent.objects.filter(record_type="assessment.placement", record_id=str(paper.pk)).count() == 3
    for wrong in ("", "  ", f"箱 {NUMBER}"):
        assert post(client, paper, "place", place=wrong).status_code == 422
    assert paper.placements.count() == 2
    with pytest.raises(DatabaseError), transaction.atomic():
        paper.placements.update(place="どこか")
    assert client.post("/assessment/documents/999999/place", {"place": "x"}).status_code == 404
