"""住基ネット照会の記録 (R-210): who looked at whom in the resident network, when and why; checked by another."""

from taxsys.platform.registers.closing import day_of
from taxsys.platform.registers.declaration import CLOSED, OPEN, Field, Kind, Retention, Step, Values
from taxsys.platform.registers.permissions import PRIVACY

KEPT = Retention(code="lookup-7y", years="keep_lookup_years")
REASONS = (
    ("number_missing", "申告書等に個人番号の記載がない（番号法14条2項）"),
    ("number_check", "個人番号の真正性の確認"),
    ("address", "住所・異動の確認"),
    ("survival", "生存・死亡の確認"),
    ("other", "その他（内容を記載）"),
)


def _explained(values: Values) -> tuple[str, str] | None:
    is_bare = values.get("reason") == "other" and not values.get("detail")
    return ("detail", "「その他」のときは、内容を入力してください。") if is_bare else None


def _subject_named(values: Values) -> tuple[str, str] | None:
    is_open = not values.get("party") and not values.get("paper")
    return ("party", "対象の宛名か、もとになった資料を入力してください。") if is_open else None


def _not_ahead(values: Values) -> tuple[str, str] | None:
    looked, checked = day_of(values, "looked_on"), day_of(values, "checked_on")
    is_before = looked is not None and checked is not None and checked < looked
    return ("checked_on", "点検日は、照会日以後の日を入力してください。") if is_before else None


JUKI_LOOKUP = Kind(
    code="juki_lookup",
    title_ja="住基ネット照会の記録",
    prefix="照",
    family=PRIVACY,
    purpose_ja="住基ネットの端末で本人確認情報を照会したときの記録。端末の操作履歴と突き合わせて、照会者と別の職員が点検します。個人番号は書きません。",
    title_field="title",
    fields=(
        Field(name="title", title_ja="件名", required=True),
        Field(name="looked_on", title_ja="照会日", type="date", required=True),
        Field(name="looked_at", title_ja="照会時刻（例 10:25）", required=True, max_length=5),
        Field(name="looked_by", title_ja="照会した人（職員番号）", type="staff", required=True),
        Field(name="party", title_ja="対象の宛名", type="link", links_to="party"),
        Field(name="paper", title_ja="もとになった資料（宛名がないとき）"),
        Field(name="reason", title_ja="照会の理由", type="choice", choices=REASONS, required=True),
        Field(name="detail", title_ja="内容", type="long"),
        Field(name="checked_on", title_ja="操作履歴との点検日", type="date", step="check"),
    ),
    checks=(_explained, _subject_named, _not_ahead),
    states=((OPEN, "点検待ち"), (CLOSED, "点検済")),
    steps=(
        Step(code="check", title_ja="操作履歴と点検", to_state=CLOSED, by="close", fields=("checked_on",),
             required=("checked_on",), apart_from=("create",),
             help_ja="端末の操作履歴と、日時・対象・理由が合うことを確かめてください。"),
    ),
    columns=("looked_on", "looked_by", "reason"),
    retention=KEPT,
    law="番号法14条2項・住民基本台帳法30条の10",
)  # fmt: skip

KINDS = (JUKI_LOOKUP,)
