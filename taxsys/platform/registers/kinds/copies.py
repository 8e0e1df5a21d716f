"""複製データの台帳 (R-233): every copy of data outside of the system has an owner and a day on which it is gone.

Dumps, copies for tests and training are entered by the system division and approved before they are made; what the
dataset desk exports enters itself. A copy is closed by its erasure, with the evidence.
"""

from datetime import date

from taxsys.platform.registers.closing import day_of, has_paper
from taxsys.platform.registers.declaration import (
    CLOSED,
    OPEN,
    Deadline,
    Facts,
    Field,
    Kind,
    Paper,
    Retention,
    Step,
    Values,
)
from taxsys.platform.registers.permissions import COPY

SORTS = (
    ("dump", "データベースの複製（ダンプ）"),
    ("restore", "復元の訓練・確認に使う複製"),
    ("training", "研修・試験用の複製"),
    ("dataset", "データセットの書出し"),
)


def _after_today(facts: Facts) -> str:
    """A copy is approved for days to come."""
    ends = day_of(facts.values, "expires_on")
    return "" if ends and ends > facts.today else "消去の期限を、明日以降の日にしてください。"


def _is_dataset(facts: Facts) -> bool:
    return facts.values.get("sort") == "dataset"


def _is_made(facts: Facts) -> str:
    """What the dataset desk wrote out was made as it was entered; every other copy passes approval and making."""
    return "" if _is_dataset(facts) or facts.did("make") else "先に「複製の承認」と「作成の記録」が必要です。"


def _erased_in_time(values: Values) -> tuple[str, str] | None:
    made, erased = day_of(values, "made_on"), day_of(values, "erased_on")
    return ("erased_on", "消去した日が、作成した日より前です。") if made and erased and erased < made else None


def _expires(values: Values, _opened_on: date) -> date | None:
    return day_of(values, "expires_on")


DATA_COPY = Kind(
    code="data_copy",
    title_ja="複製データ",
    prefix="複",
    family=COPY,
    purpose_ja="データベースの複製、試験・研修用の複製、データセットの書出し。持ち主と消去の期限を決め、消去で閉じます。",
    title_field="title",
    fields=(
        Field(name="title", title_ja="件名", required=True),
        Field(name="sort", title_ja="複製の種類", type="choice", choices=SORTS, required=True),
        Field(name="owner_no", title_ja="持ち主（職員番号）", type="staff", required=True),
        Field(name="reason", title_ja="複製する理由", type="long", required=True),
        Field(name="place", title_ja="置き場所", required=True, help_ja="機器名・フォルダ。"),
        Field(name="is_encrypted", title_ja="暗号化している", type="flag", required=True),
        Field(name="has_numbers", title_ja="特定個人情報を含む", type="flag", required=True),
        Field(name="record_count", title_ja="件数", type="count", unit_ja="件"),
        Field(name="sha256", title_ja="内容のハッシュ値", max_length=64),
        Field(name="expires_on", title_ja="消去の期限", type="date", required=True),
        Field(name="made_on", title_ja="作成した日", type="date", step="make"),
        Field(name="erased_on", title_ja="消去した日", type="date", step="erase"),
        Field(name="erasure", title_ja="消去の方法", type="long", step="erase"),
    ),
    checks=(
        lambda values: ("is_encrypted", "特定個人情報を含む複製は、暗号化が必要です。")
        if values.get("has_numbers") and not values.get("is_encrypted") else None,
        _erased_in_time,
    ),
    states=((OPEN, "申請"), ("allowed", "承認済"), ("made", "使用中"), (CLOSED, "消去済")),
    steps=(
        Step(code="allow", title_ja="複製の承認", to_state="allowed", second_person=True, checks=(_after_today,),
             help_ja="承認されるまで、複製は作れません。"),
        Step(code="make", title_ja="作成の記録", from_states=("allowed",), to_state="made", fields=("made_on",),
             required=("made_on",)),
        Step(code="erase", title_ja="消去", from_states=(OPEN, "made"), to_state=CLOSED, by="close",
             fields=("erased_on", "erasure"), required=("erased_on", "erasure"),
             checks=(_is_made, has_paper("erasure", "消去の記録", when=lambda facts: not _is_dataset(facts)),)),
    ),
    deadlines=(
        Deadline(code="erase", title_ja="複製データの消去", due=_expires,
                 done=lambda values: day_of(values, "erased_on"),
                 remind_days="data_copy_erase_reminder_days", law="番号法12条"),
    ),
    papers=(Paper(code="erasure", title_ja="消去の記録"),),
    columns=("sort", "owner_no", "place", "expires_on"),
    filters=("sort",),
    retention=Retention(code="operation-7y", years="keep_operation_years"),
    law="番号法12条",
    statistics=("sort",),
)  # fmt: skip

KINDS = (DATA_COPY,)
