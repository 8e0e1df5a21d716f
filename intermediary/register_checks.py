"""登録簿の一行の検査: what must hold before a row may be approved (番号法9条2項・19条, N-015, N-016, N-027, N-028).

A consent of the person is no base: 19条 lists the cases, and an ordinance is needed inside the mayor's office.
"""

import re
from collections.abc import Mapping
from typing import Any

from intermediary.items import unknown_items
from intermediary.models import RegisterRow

Kind, Method = RegisterRow.Kind, RegisterRow.Method
# 番号法19条: the numbers of the article by which a tax office may give something out; 6 (委託) goes by contract.
PROVISION_NUMBERS = frozenset({1, 8, 9, 10, 11, 13, 15, 16})
OTHER_BODY = 11  # 提供 to another body of the same city: 教育委員会
_ARTICLE_19 = re.compile(r"番号法(?:第)?19条(?:第)?([0-9]+)号")
_ARTICLE_9 = re.compile(r"番号法(?:第)?9条(?:第)?2項")


def article_19_number(legal_base: str) -> int | None:
    """The number of 番号法19条 that a base names, or None."""
    found = _ARTICLE_19.search(legal_base)
    return int(found.group(1)) if found else None


def row_faults(row: Mapping[str, Any]) -> list[str]:
    """Why this row may not stand, in the words of the desk; empty when it may."""
    faults = [*_item_faults(row), *_base_faults(row), *_method_faults(row)]
    for name, title in (("row_no", "登録番号"), ("recipient", "提供先・移転先"), ("affair", "事務")):
        if not str(row.get(name) or "").strip():
            faults.append(f"{title}がありません")
    if not row.get("valid_from"):
        faults.append("開始日がありません")
    elif row.get("valid_to") and str(row["valid_to"]) <= str(row["valid_from"]):
        faults.append("終了日が開始日より前か同じ日です")
    return faults


def _item_faults(row: Mapping[str, Any]) -> list[str]:
    items = row.get("items") or []
    if not items:
        return ["項目がありません"]
    faults = []
    if unknown := unknown_items(items):
        faults.append(f"項目辞書にない項目です: {'・'.join(unknown)}")
    if len(set(items)) != len(items):
        faults.append("同じ項目が二度あります")
    return faults


def _base_faults(row: Mapping[str, Any]) -> list[str]:
    base, ordinance = str(row.get("legal_base") or ""), str(row.get("ordinance") or "")
    if not base:
        return ["法令上の根拠がありません"]
    if row.get("kind") == Kind.TRANSFER:
        faults = []
        if not _ARTICLE_9.search(base):
            faults.append("庁内の移転の根拠は番号法9条2項です")
        if not ordinance:
            faults.append("庁内の移転には条例の根拠が必要です(番号法9条2項)")
        if "教育委員会" in str(row.get("recipient") or ""):
            faults.append("教育委員会は別の機関のため、移転ではなく提供(番号法19条11号)です")
        return faults
    if row.get("kind") != Kind.PROVISION:
        return ["区分は提供か移転です"]
    number = article_19_number(base)
    if number not in PROVISION_NUMBERS:
        return ["提供の根拠は番号法19条の号で示します(本人の同意だけでは提供できません)"]
    if number == OTHER_BODY and not ordinance:
        return ["教育委員会など市の他の機関への提供には条例の根拠が必要です(番号法19条11号)"]
    return []


def _method_faults(row: Mapping[str, Any]) -> list[str]:
    methods = [row.get("method"), *(row.get("other_methods") or [])]
    if unknown := [str(one) for one in methods if one not in Method.values]:
        return [f"方法が分かりません: {'・'.join(unknown) or '(なし)'}"]
    if Method.API in methods and not row.get("client_system"):
        return ["APIによる提供には連携先システムの指定が必要です"]
    return []
