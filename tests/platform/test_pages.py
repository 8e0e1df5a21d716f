"""Words of the screens: refusals from one table, money, dates, fields, home; and the clock."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.conf import settings as django_settings
from django.core.management import call_command
from django.template import engines
from django.test import Client, RequestFactory
from rest_framework import serializers
from rest_framework.views import APIView

from taxsys.platform import clock
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.refusals import REFUSALS, FieldProblem, Refused, refusal_for_status, refusals_markdown
from taxsys.platform.staff.access import requires
from taxsys.platform.staff.permissions import HOME, SELF
from taxsys.platform.staff.services import api_client_create
from taxsys.platform.ui import menu
from taxsys.platform.ui.forms import WarekiDateField, YenField
from taxsys.platform.ui.middleware import RequestMiddleware
from taxsys.platform.ui.templatetags.house import yen_text
from tests.platform.actors import FROM_ON, officer, sign_in


def draw(source: str, /, **values: Any) -> str:
    return engines["django"].from_string(source).render(values).strip()


# ---- clock


def test_the_business_date_is_a_setting_and_a_run_may_fix_its_own(settings: Any) -> None:
    settings.TAXSYS_BUSINESS_DATE = "2026-11-20"
    assert clock.today() == date(2026, 11, 20)
    with clock.at(date(2026, 6, 1)):
        with clock.at(date(2026, 5, 1)):
            assert clock.today() == date(2026, 5, 1)
        assert clock.today() == date(2026, 6, 1)
    assert clock.today() == date(2026, 11, 20)
    settings.TAXSYS_BUSINESS_DATE = ""
    assert clock.today() == datetime.now(ZoneInfo("Asia/Tokyo")).date()


# ---- the table of refusals


def test_the_table_has_each_status_and_says_what_to_do() -> None:
    assert {row.status for row in REFUSALS.values()} == {400, 401, 403, 404, 405, 409, 422, 429, 500, 503}
    assert all((row.title_ja and row.detail_ja.endswith("。")) or "（" in row.detail_ja for row in REFUSALS.values())
    assert all(row.todo_ja.endswith("。") for row in REFUSALS.values())
    assert refusal_for_status(418).status == 400
    assert refusal_for_status(502).status == 500


def test_the_page_about_refusals_is_up_to_date() -> None:
    page = Path(django_settings.BASE_DIR) / "docs" / "user" / "refusals.md"
    assert page.read_text(encoding="utf-8") == refusals_markdown()
    call_command("refusals_doc", "--check")


@requires(HOME)
class Echo(APIView):
    """A REST view of the tests."""

    def post(self, request: Any) -> Any:
        kind = request.data.get("kind")
        if kind == "invalid":
            raise serializers.ValidationError({"rows": [{"amount": ["整数で指定してください。"]}]})
        if kind == "conflict":
            raise Refused("R409", fields=[FieldProblem("version", "版が古いです。")])
        raise RuntimeError("個人の名前")


def call(body: dict[str, Any] | str, key: str = "") -> Any:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    text = body if isinstance(body, str) else json.dumps(body)
    request = RequestFactory().post("/api/echo", text, content_type="application/json", headers=headers)
    return RequestMiddleware(Echo.as_view())(request)


@pytest.mark.django_db
def test_api_refusals_are_problem_documents_and_recorded() -> None:
    _client, key = api_client_create(name="国民健康保険", system="kokuho", permissions=[HOME], valid_from=FROM_ON)
    _other, poor = api_client_create(name="介護保険", system="kaigo", permissions=[SELF], valid_from=FROM_ON)
    cases = (
        (call({}), 401, "R401-CLIENT", "client_key"),
        (call({}, "wrong-key"), 401, "R401-CLIENT", "client_key"),
        (call({}, poor), 403, "R403", "permission_denied"),
        (call("{not json", key), 400, "R400", "parse_error"),
        (call({"kind": "invalid"}, key), 422, "R422", "invalid"),
        (call({"kind": "conflict"}, key), 409, "R409", "R409"),
    )
    for answer, status, code, reason in cases:
        document = json.loads(answer.content)
        assert (answer.status_code, document["code"], document["status"]) == (status, code, status)
        assert answer["Content-Type"] == "application/problem+json"
        assert set(document) >= {"type", "title", "status", "detail", "code", "request_id"}
        assert (
            AccessEvent.objects.filter(action="denied", reason=reason, request_id=document["request_id"]).count() == 1
        )
    assert cases[0][0]["WWW-Authenticate"].startswith("Bearer")
    assert json.loads(cases[4][0].content)["errors"] == [
        {"field": "rows.amount", "message": "整数で指定してください。"}
    ]
    who = AccessEvent.objects.filter(reason="R409").get()
    assert (who.actor_kind, who.actor_id) == ("client", "kokuho")


@pytest.mark.django_db
def test_an_expired_client_and_a_foreign_session_do_not_reach_the_api(client: Client) -> None:
    api, key = api_client_create(name="国保", system="kokuho", permissions=[HOME], valid_from=FROM_ON)
    api.valid_to = clock.today()
    api.save()
    assert call({}, key).status_code == 401
    assert key not in str(vars(api))


@pytest.mark.django_db
def test_pages_and_programs_get_the_same_refusal_in_their_own_form(client: Client) -> None:
    sign_in(client, officer(permissions=[HOME]))
    page = client.get("/no-such-page")
    assert (page.status_code, "見つかりません" in page.content.decode()) == (404, True)
    program = client.get("/api/no-such-thing")
    assert (program.status_code, program.json()["code"]) == (404, "R404")


@pytest.mark.django_db
def test_an_error_inside_shows_a_plain_page_without_details(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(client, officer(permissions=[HOME]))

    def broken(_staff: Any) -> Any:
        raise RuntimeError("旭川太郎 080-0000-0000")

    monkeypatch.setattr("taxsys.web.views.home.cards_for", broken)
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 500
    assert "旭川太郎" not in answer.content.decode()
    assert answer["X-Request-Id"] in answer.content.decode()


# ---- words


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0円"), (1234, "1,234円"), (-1234, "△1,234円"), (None, ""), (10**12, "1,000,000,000,000円")],
)
def test_money_is_written_as_staff_read_it(amount: int | None, text: str) -> None:
    assert yen_text(amount) == text


def test_money_is_never_a_float() -> None:
    with pytest.raises(TypeError):
        yen_text(12.5)  # type: ignore[arg-type]


def test_dates_are_written_in_wareki() -> None:
    day = date(2026, 11, 20)
    assert draw(
        '{{ d|wareki }} {{ d|wareki:"weekday" }} {{ d|wareki:"short" }} {{ y|wareki_year }}', d=day, y=2026
    ) == ("令和8年11月20日 令和8年11月20日(金) R8.11.20 令和8年度")
    assert draw("{{ d|moment }}", d=datetime(2026, 11, 20, 15, 4, 5, tzinfo=ZoneInfo("UTC"))) == "R8.11.21 00:04:05"


def test_a_badge_has_icon_word_and_text_and_escapes() -> None:
    html = draw("{% badge 'stop' text %}", text="支援<b>")
    assert "⊘" in html
    assert "禁止：" in html
    assert "支援&lt;b&gt;" in html
    with pytest.raises(KeyError):
        draw("{% badge 'loud' 'x' %}")


class Entry(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="氏名", help_text="全角で入力します。")
    due_on = WarekiDateField(label="納付予定日", is_due_date=True, required=False)
    amount = YenField(label="金額", min_yen=1, max_yen=1_000_000, required=False)
    kind = forms.ChoiceField(label="区分", choices=(("1", "本税"), ("2", "延滞金")), widget=forms.RadioSelect)


def test_every_field_is_labelled_and_wired_to_hint_error_and_echo() -> None:
    html = str(Entry({"due_on": "R8.11.23", "amount": "12.5"}))
    assert '<label class="tx-label" for="id_name">氏名' in html
    assert "※必須" in html
    assert "※任意" in html
    assert 'aria-describedby="id_name-hint id_name-error"' in html
    assert 'aria-invalid="true"' in html
    assert "令和8年11月23日（2026-11-23）月曜日" in html
    assert "金額は円単位の整数で入力してください" in html
    assert '<span class="tx-unit">円</span>' in html
    assert "<legend" in html


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("R8.11.23", date(2026, 11, 23)),
        ("令和８年１１月２３日", date(2026, 11, 23)),
        ("20261123", date(2026, 11, 23)),
        ("S64.1.7", date(1989, 1, 7)),
        ("+7", date(2026, 11, 27)),
        ("ｔ", date(2026, 11, 20)),
        ("", None),
    ],
)
def test_dates_are_read_as_people_type_them(typed: str, value: date | None) -> None:
    with clock.at(date(2026, 11, 20)):
        assert WarekiDateField(is_due_date=True, required=False).clean(typed) == value


@pytest.mark.parametrize("typed", ["R8.2.29", "H31.5.1", "99999999", "+x", "<script>", "２月３０日"])
def test_unreadable_dates_say_why(typed: str) -> None:
    with pytest.raises(forms.ValidationError) as told:
        WarekiDateField().clean(typed)
    assert told.value.messages[0].strip()


@pytest.mark.parametrize(
    ("typed", "value"), [("１２，３００円", 12300), ("12,300", 12300), ("0", 0), ("", None), ("△1,234", -1234)]
)
def test_amounts_are_read_in_any_width(typed: str, value: int | None) -> None:
    assert YenField(min_yen=None, required=False).clean(typed) == value


@pytest.mark.parametrize("typed", ["12.5", "1e3", "12円50銭", "-1", "9" * 16, "一万", "1_000"])
def test_amounts_that_are_not_whole_yen_in_the_limits_are_refused(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        YenField().clean(typed)


@pytest.mark.django_db
def test_the_date_echo_answers_in_plain_text(client: Client) -> None:
    sign_in(client, officer(permissions=[SELF]))
    assert client.post("/ui/date-echo", {"typed": "R8.11.23"}).content.decode() == "令和8年11月23日（2026-11-23）月曜日"
    assert client.post("/ui/date-echo", {"typed": "R8.2.29"}).content.decode().startswith("読み取れません：")
    assert client.get("/ui/date-echo").status_code == 405


@pytest.mark.django_db
def test_home_and_menu_show_what_the_officer_may_open(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(menu, "_cards", {})
    monkeypatch.setattr(menu, "_items", {})
    for key, permission, count in (("a", HOME, 0), ("b", SELF, 12)):
        menu.home_card(
            menu.HomeCard(
                key=key, title_ja=f"札{key}", url_name="home", permission=permission, count=lambda _staff, n=count: n
            )
        )
        menu.menu_register(menu.MenuItem(key=key, title_ja=f"項目{key}", url_name="home", permission=permission))
    sign_in(client, officer(permissions=[HOME]))
    poor = client.get("/").content.decode()
    assert ("札a" in poor, "札b" in poor, "項目b" in poor) == (True, False, False)
    officer(permissions=[SELF])
    rich = client.get("/").content.decode()
    assert rich.index("札b") < rich.index("札a")
    assert "12<span" in rich


@pytest.mark.django_db
def test_the_frame_names_officer_unit_terminal_and_business_date(client: Client, settings: Any) -> None:
    settings.TAXSYS_BUSINESS_DATE = "2026-11-20"
    sign_in(client, officer(permissions=[HOME], name="市川 みどり"))
    html = client.get("/").content.decode()
    for words in ("市民税課　市川 みどり", "端末 T0001", "令和8年11月20日(金)", "実演環境", '<html lang="ja">'):
        assert words in html
