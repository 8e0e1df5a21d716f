"""アクセス記録の開示（一覧）: the paper for the person who asked who looked at him (個人情報の保護に関する法律76条).

It carries no address, and always the same sentence about records that are not told.
"""

from datetime import date

from addressbook.selectors.lookups import Lookups
from taxsys.kernel import wareki
from taxsys.platform.printing.tables import PaperTable, TablePaper
from taxsys.platform.ui.templatetags.house import moment

WITHHELD_JA = "個人情報の保護に関する法律78条1項の規定により、この一覧に記載していない記録がある場合があります。"


def lookup_list_pdf(lookups: Lookups, *, name: str, person_no: str, period: tuple[date, date], made_on: date) -> bytes:
    """The list of a period as PDF."""
    paper = TablePaper(title_ja="あなたの税務記録へのアクセスの一覧")
    paper.facts(
        [
            ("氏名", name),
            ("宛名番号", person_no),
            ("期間", f"{wareki.format_long(period[0])}から{wareki.format_long(period[1])}まで"),
            ("件数", f"{lookups.told:,}件"),
            ("作成日", wareki.format_long(made_on)),
        ]
    )
    paper.table(
        PaperTable(
            "アクセスの一覧",
            (32, 44, 52, 20, 26),
            ("最初の日時", "所属等", "機能・目的", "操作", "その日の回数"),
            [
                (
                    moment(line.first_at),
                    line.who_ja,
                    f"{line.function_ja}（{line.purpose_ja}）" if line.purpose_ja else line.function_ja,
                    line.action_ja,
                    f"{line.count:,}",
                )
                for line in lookups.lines
            ]
            or [("該当なし", "", "", "", "")],
            frozenset({4}),
        )
    )
    paper.text(WITHHELD_JA, lines=2)
    return paper.finish()
