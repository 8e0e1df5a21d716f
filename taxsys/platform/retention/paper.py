"""消去証明書の紙面: figures, range, hash, who and when; nothing of any person's data (R-190)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from taxsys.kernel import wareki
from taxsys.platform.audit.wording import staff_names
from taxsys.platform.printing.tables import PaperTable, TablePaper
from taxsys.platform.retention.models import ErasureCertificate
from taxsys.platform.ui.templatetags.house import moment

# Facts in the order of the paper: key and Japanese label.
_LABELS = (
    ("family", "消去したもの"),
    ("key_version", "個人番号の鍵（版）"),
    ("label", "廃棄したもの"),
    ("region", "保管地域"),
    ("taken", "取得日時"),
    ("class", "保管区分"),
    ("law", "根拠"),
    ("months", "保管期間（月）"),
    ("start", "起算日"),
    ("erased", "消去した件数"),
    ("files", "消去したファイル"),
    ("stopped", "停止した件数"),
    ("keys", "キーの範囲"),
    ("keys_hash", "キーのハッシュ"),
    ("method", "方法"),
    ("made", "抽出"),
    ("proposed", "起案"),
    ("first", "一次決裁"),
    ("second", "二次決裁"),
    ("operator", "実行者"),
    ("run", "実行"),
    ("begun", "消去開始"),
    ("ended", "消去終了"),
)
_MOMENTS = frozenset({"taken", "made", "begun"})
_PEOPLE = frozenset({"proposed", "first", "second", "operator"})


def fact_rows(certificate: ErasureCertificate) -> list[tuple[str, str]]:
    """Label and text of each fact, and the day on which the copies too have lost it."""
    facts: dict[str, Any] = certificate.facts
    names = staff_names([str(facts[key]).split(" ")[0] for key in _PEOPLE if facts.get(key)])
    rows = [(label, _text(key, facts[key], names)) for key, label in _LABELS if facts.get(key) not in (None, "")]
    if certificate.backups_gone_on is not None:
        rows.append(("控えからも失われる日", wareki.format_long(certificate.backups_gone_on)))
    return [*rows, ("内容のハッシュ", certificate.content_hash)]


def _text(key: str, value: Any, names: Mapping[str, str]) -> str:
    if key in _PEOPLE:
        staff_no, _, at = str(value).partition(" ")
        when = f"　{moment(datetime.fromisoformat(at))}" if at else ""
        return f"{staff_no}　{names.get(staff_no, '')}{when}"
    if key in _MOMENTS or (key == "ended" and "T" in str(value)):
        return moment(datetime.fromisoformat(str(value)))
    if key == "ended":
        return wareki.format_long(date.fromisoformat(str(value)))
    return f"{value:,}" if isinstance(value, int) else str(value)


def certificate_pdf(certificate: ErasureCertificate) -> bytes:
    """The certificate as it is filed (A4)."""
    paper = TablePaper(title_ja=f"消去証明書　{certificate.certificate_no}")
    paper.facts([("種類", certificate.get_kind_display())])
    for label, text in fact_rows(certificate):
        if len(text) > _LONG:
            paper.text(f"{label}：{text}", lines=1 + len(text) // _LONG)
        else:
            paper.facts([(label, text)])
    tables = certificate.facts.get("tables", [])
    if tables:
        rows = [(name, f"{number:,}") for name, number in tables]
        paper.table(PaperTable("消去した行", (134, 40), ("表", "行数"), rows, frozenset({1})))
    paper.text("この証明書には、消去した記録の内容も、だれの記録かも含まれていません。", lines=1)
    paper.boxes(("保管・消去の担当", "セキュリティ責任者", "確認日"))
    return paper.finish()


_LONG = 45
