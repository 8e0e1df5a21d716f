"""記録項目一覧と個人情報ファイル簿 (別紙1 of the assessment, and the public register of the file), from the dictionary.

R-149, R-196; 個人情報保護法75条1項. Nothing here is personal data: names of items, purposes, recipients.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from taxsys.platform.dictionary import USES_JA, Group, entries, groups

OPERATION = "operation"


@dataclass(frozen=True, slots=True)
class GroupItems:
    """A group with its items as (record, item) in their order, each once."""

    group: Group
    items: tuple[tuple[str, str], ...]

    @property
    def uses_ja(self) -> str:
        """The uses it allows, in words."""
        return "、".join(USES_JA[use] for use in USES_JA if use in self.group.uses) or "（なし）"


def record_items() -> list[GroupItems]:
    """Every group of personal data with its items; records of operation are not items of the file."""
    by_group: dict[str, dict[tuple[str, str], None]] = {code: {} for code in groups() if code != OPERATION}
    for one in entries():
        if one.group.code != OPERATION:
            by_group[one.group.code][one.record_ja, one.field_ja] = None
    return [GroupItems(groups()[code], tuple(items)) for code, items in by_group.items()]


def file_register(recipients: Sequence[str]) -> list[tuple[str, str]]:
    """個人情報ファイル簿: (heading of 75条1項, text). `recipients` are those of the register in force."""
    held = [one for one in record_items() if one.items]
    sensitive = {"disability", "protection", "livelihood_aid"}
    return [
        ("個人情報ファイルの名称", "税務情報ファイル"),
        ("行政機関等の名称", "旭川市長"),
        ("利用に供される事務をつかさどる組織", "税務部 税制課・市民税課・資産税課・納税管理課・納税推進課"),
        ("利用目的", "地方税の賦課徴収又は地方税に関する調査（犯則事件の調査を含む）に関する事務のため"),
        ("記録項目", "、".join(f"{one.group.title_ja}（{len(one.items)}項目）" for one in held)),
        ("記録範囲", "市税の納税義務者、特別徴収義務者、これらの者と同一の世帯に属する者、被扶養者その他の課税関係者"),
        (
            "収集方法",
            "本人・代理人、庁内の他部署、国税庁、他の自治体、給与支払者・年金支払者等から紙、媒体、専用線、庁内連携等で入手",
        ),
        (
            "要配慮個人情報",
            "含む（" + "、".join(one.group.title_ja for one in held if one.group.code in sensitive) + "）",
        ),
        ("経常的な提供先", "、".join(recipients) or "（登録簿に有効な提供先はありません）"),
        ("開示請求等を受理する組織", "総務部 総務課（市政情報コーナー）"),
        ("個人情報ファイルの種別", "電子計算機処理に係るファイル（法60条2項1号）"),
    ]


def csv_rows(held: Sequence[GroupItems]) -> list[tuple[str, ...]]:
    """別紙1 as rows: group, record, item, purpose, uses."""
    head: tuple[str, ...] = ("記録項目群", "記録", "項目", "保有目的", "使える用途")
    rows: list[tuple[str, ...]] = [
        (one.group.title_ja, record, item, one.group.purpose_ja, one.uses_ja)
        for one in held
        for record, item in one.items
    ]
    return [head, *rows]


def counts(held: Sequence[GroupItems]) -> Mapping[str, int]:
    """Group → items."""
    return {one.group.code: len(one.items) for one in held}
