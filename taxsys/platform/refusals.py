"""拒否の一覧: the one table of what each refusal looks like, in a page and in an API answer.

Pages show `title_ja`, `detail_ja` and `todo_ja`; API answers are problem documents (RFC 9457: type, title, status,
detail) with our `code` and field errors. `manage.py refusals_doc` writes docs/user/refusals.md from this table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One row: HTTP status, code for the help desk, and the Japanese words (what happened · why · what to do)."""

    code: str
    status: int
    title_ja: str
    detail_ja: str
    todo_ja: str
    is_recorded: bool = True


_ROWS: Sequence[Refusal] = (
    Refusal(
        code="R400",
        status=400,
        title_ja="要求の形式が正しくありません",
        detail_ja="送られた内容を読み取れませんでした。",
        todo_ja="画面を開き直してやり直してください。連携の場合は項目名と形式を確かめてください。",
    ),
    Refusal(
        code="R401",
        status=401,
        title_ja="サインインしてください",
        detail_ja="この画面を使うにはサインインが必要です。",
        todo_ja="職員番号とパスワードでサインインしてください。",
    ),
    Refusal(
        code="R401-IDLE",
        status=401,
        title_ja="操作がなかったため終了しました",
        detail_ja="一定時間操作がなかったか、利用できる時間を過ぎたため、自動的にサインアウトしました。",
        todo_ja="もう一度サインインしてください。登録していない入力は残っていません。",
    ),
    Refusal(
        code="R401-ENDED",
        status=401,
        title_ja="この端末での利用は終了しました",
        detail_ja="別のサインインがあったため、この端末での利用を終了しました。",
        todo_ja="続けるには、もう一度サインインしてください。心当たりがないときは、すぐに所属長に知らせてください。",
    ),
    Refusal(
        code="R401-STEPUP",
        status=401,
        title_ja="本人の再確認が必要です",
        detail_ja="重要な操作のため、確認コードをもう一度入力してください（5分間有効です）。",
        todo_ja="確認コードを入力すると、操作を続けられます。",
        is_recorded=False,
    ),
    Refusal(
        code="R401-CLIENT",
        status=401,
        title_ja="認証できません",
        detail_ja="連携先の鍵がないか、有効ではありません。",
        todo_ja="Authorization ヘッダに有効な鍵を指定してください。",
    ),
    Refusal(
        code="R403",
        status=403,
        title_ja="この操作の権限がありません",
        detail_ja="あなたの権限では、この操作はできません。",
        todo_ja="業務に必要な場合は、所属の権限管理者に申し出てください。",
    ),
    Refusal(
        code="R403-TERMINAL",
        status=403,
        title_ja="この端末からは利用できません",
        detail_ja="登録されていない端末からの接続です。",
        todo_ja="登録済みの端末を使うか、端末の登録を申し出てください。",
    ),
    Refusal(
        code="R403-NUMBER",
        status=403,
        title_ja="この端末では個人番号を扱えません",
        detail_ja="個人番号を扱えるのは、番号利用端末として登録された端末だけです。",
        todo_ja="番号利用端末で操作するか、端末の登録を申し出てください。",
    ),
    Refusal(
        code="R403-PASSWORD",
        status=403,
        title_ja="先にパスワードを変更してください",
        detail_ja="職員番号の利用が再開されたため、新しいパスワードを決めるまで、他の操作はできません。",
        todo_ja="「パスワードの変更」（/password）で新しいパスワードを登録してください。",
    ),
    Refusal(
        code="R403-TRAINING",
        status=403,
        title_ja="研修の受講が必要です",
        detail_ja="個人情報の研修を受けてから1年を過ぎているため、個人番号を扱う操作はできません。",
        todo_ja="研修を受け、所属長に受講日の記録を申し出てください。",
    ),
    Refusal(
        code="R403-FORM",
        status=403,
        title_ja="画面の有効期限が切れています",
        detail_ja="この画面は古いか、正しい手順で開かれていないため、登録しませんでした。",
        todo_ja="画面を開き直して、もう一度入力してください。",
    ),
    Refusal(
        code="R403-OWN",
        status=403,
        title_ja="自分の起案は決裁できません",
        detail_ja="起案した本人は決裁できません。",
        todo_ja="権限のある別の職員が決裁してください。",
    ),
    Refusal(
        code="R403-REGISTER",
        status=403,
        title_ja="提供簿・移転簿にない提供です",
        detail_ja="この連携先に、今日有効な登録番号がないため、何も提供しませんでした。",
        todo_ja="登録番号と有効期間を確かめてください。新しい提供には税務部門の承認が必要です。",
    ),
    Refusal(
        code="R403-ITEM",
        status=403,
        title_ja="認められていない項目です",
        detail_ja="登録簿で認められた項目の外を求められたため、何も提供しませんでした。",
        todo_ja="認められた項目だけを指定してください。項目を省くと、認められた項目のすべてを返します。",
    ),
    Refusal(
        code="R404",
        status=404,
        title_ja="見つかりません",
        detail_ja="指定されたものはないか、あなたには表示できません。",
        todo_ja="番号を確かめるか、検索からやり直してください。",
    ),
    Refusal(
        code="R405",
        status=405,
        title_ja="この方法では受け付けられません",
        detail_ja="この場所では、その種類の要求を受け付けません。",
        todo_ja="画面のボタンから操作してください。",
    ),
    Refusal(
        code="R409",
        status=409,
        title_ja="他の変更と重なりました",
        detail_ja="表示した後に内容が変わったため、登録しませんでした。",
        todo_ja="画面を開き直し、最新の内容を確かめてからやり直してください。",
    ),
    Refusal(
        code="R409-BUSY",
        status=409,
        title_ja="他の処理と重なりました",
        detail_ja="同じ納税者や期別を他の職員またはバッチが更新しているため、登録しませんでした。",
        todo_ja="少し待って画面を開き直し、登録されていないことを確かめてから、もう一度操作してください。",
        is_recorded=False,
    ),
    Refusal(
        code="R409-DECIDED",
        status=409,
        title_ja="すでに処理されています",
        detail_ja="この案件はすでに決裁・差戻し・取下げのいずれかになっています。",
        todo_ja="決裁の一覧で結果を確かめてください。",
    ),
    Refusal(
        code="R409-HELD",
        status=409,
        title_ja="自動では回答できません",
        detail_ja="この方については、職員が内容を確かめてから回答します。",
        todo_ja="市民税課に照会番号を伝えて、回答を求めてください。",
    ),
    Refusal(
        code="R409-UNSETTLED",
        status=409,
        title_ja="決定の処理中です",
        detail_ja="この方の課税内容は決定の途中のため、まだ提供できません。",
        todo_ja="時間をおいて、同じ照会番号でやり直してください。",
    ),
    Refusal(
        code="R409-REFERENCE",
        status=409,
        title_ja="照会番号が重なっています",
        detail_ja="同じ照会番号で、内容の違う照会を受け付けています。",
        todo_ja="新しい照会番号を付けてください。同じ内容の再送は、そのまま受け付けます。",
    ),
    Refusal(
        code="R422",
        status=422,
        title_ja="入力内容に問題があります",
        detail_ja="入力内容に誤りがあるため、登録しませんでした。",
        todo_ja="示された項目を直してください。",
    ),
    Refusal(
        code="R422-NUMBER",
        status=422,
        title_ja="個人番号では検索できません",
        detail_ja="入力された12桁の数字は個人番号の形式に当たるため、検索しませんでした。この操作は記録されます。",
        todo_ja="氏名カナ・生年月日・宛名番号などで検索してください。",
    ),
    Refusal(
        code="R429",
        status=429,
        title_ja="回数が多すぎるため受け付けられません",
        detail_ja="サインインの失敗や要求の回数が決められた数を超えました。",
        todo_ja="15分ほど待ってからやり直してください。急ぐ場合は所属の権限管理者に申し出てください。",
    ),
    Refusal(
        code="R429-RATE",
        status=429,
        title_ja="照会の回数が多すぎます",
        detail_ja="1分間に受け付ける回数を超えたため、提供しませんでした。",
        todo_ja="1分ほど待ってからやり直してください。多人数の照会は一つにまとめてください。",
    ),
    Refusal(
        code="R429-NUMBER",
        status=429,
        title_ja="個人番号の表示・検索の回数が上限に達しました",
        detail_ja="1分間または1日に表示・検索できる件数を超えたため、表示しませんでした。",
        todo_ja="1分の上限のときは、少し待ってからやり直してください。1日の上限のときは、所属の保護責任者に申し出てください。",
    ),
    Refusal(
        code="R500",
        status=500,
        title_ja="処理できませんでした",
        detail_ja="システムの中で誤りが起きたため、処理を中止しました。登録は行われていません。",
        todo_ja="要求番号を控えて、システム担当に連絡してください。",
        is_recorded=False,
    ),
    Refusal(
        code="R503",
        status=503,
        title_ja="現在利用できません",
        detail_ja="必要な機能（記録・認証・データベースなど）が働いていないため、受け付けられません。",
        todo_ja="しばらく待ってからやり直してください。続く場合はシステム担当に連絡してください。",
        is_recorded=False,
    ),
)

REFUSALS: Mapping[str, Refusal] = MappingProxyType({row.code: row for row in _ROWS})


def refusal_for_status(status: int) -> Refusal:
    """The plain row of an HTTP status; an unlisted 4xx status is told as 400, anything else as 500."""
    fallback = "R400" if 400 <= status < 500 else "R500"
    return REFUSALS.get(f"R{status}", REFUSALS[fallback])


@dataclass(frozen=True)
class FieldProblem:
    """A problem of one input field: its name and the Japanese message."""

    field: str
    message_ja: str


class Refused(Exception):
    """Raised by access doors and views; `code` names the row, `detail_ja` may say more (never whether data exists)."""

    def __init__(
        self, code: str, detail_ja: str = "", *, fields: Sequence[FieldProblem] = (), reason: str = ""
    ) -> None:
        self.refusal = REFUSALS[code]
        self.detail_ja = detail_ja or self.refusal.detail_ja
        self.fields = tuple(fields)
        self.reason = reason
        super().__init__(f"{code}: {self.detail_ja}")


def refusals_markdown() -> str:
    """The table as the Markdown page docs/user/refusals.md (ends with a newline)."""
    lines = [
        "# 受け付けられないときの表示",
        "",
        "この一覧はプログラムの表（`taxsys/platform/refusals.py`）から作られます"
        "（`manage.py refusals_doc`）。手で直さないでください。",
        "",
        "画面では見出し・説明・次にすることを、API では RFC 9457 の JSON"
        "（`type` `title` `status` `detail` `code` `request_id` `errors`）で返します。"
        "「記録」が「する」のものは、アクセス記録に「拒否」として残ります。",
        "",
        "| コード | HTTP | 見出し | 説明 | 次にすること | 記録 |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.code} | {row.status} | {row.title_ja} | {row.detail_ja} | {row.todo_ja} | "
        f"{'する' if row.is_recorded else 'しない'} |"
        for row in _ROWS
    ]
    return "\n".join(lines) + "\n"
