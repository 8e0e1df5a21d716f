"""機能: the registers, by family (委託・運用・個人情報・監督): who reads, enters, closes and approves."""

from dataclasses import dataclass
from typing import Literal

from taxsys.platform.staff.catalogue import Permission

VIEW = Permission(
    "registers.view",
    "台帳の一覧・照会",
    actions=frozenset({"view", "search"}),
    default_roles=("clerk", "chief", "operator", "maintainer", "auditor", "administrator"),
)
ENTER = Permission(
    "registers.enter",
    "台帳の登録・手続",
    actions=frozenset({"create", "update"}),
    default_roles=("clerk", "chief", "operator", "auditor", "administrator"),
)
EXPORT = Permission(
    "registers.export",
    "台帳の書出し（CSV・XLSX）",
    actions=frozenset({"export"}),
    risk="personal",
    step_up=True,
    default_roles=("chief", "auditor", "administrator"),
)
RUN = Permission(
    "registers.run",
    "台帳の期限・定期点検のバッチ",
    actions=frozenset({"create"}),
    default_roles=("operator", "administrator"),
)

PACKAGE = Permission(
    "registers.package",
    "開示資料の作成（一人の記録の取りまとめ）",
    actions=frozenset({"export", "print"}),
    risk="personal",
    step_up=True,
    default_roles=("chief", "auditor"),
)
SUPPORT = Permission(
    "registers.support",
    "問合せ用データの作成",
    actions=frozenset({"export"}),
    risk="personal",
    step_up=True,
    default_roles=("clerk", "chief", "administrator"),
)
EVIDENCE = Permission(
    "registers.evidence",
    "監査の証拠資料の書出し",
    actions=frozenset({"export"}),
    step_up=True,
    default_roles=("auditor",),
)


@dataclass(frozen=True, kw_only=True)
class Family:
    """台帳の系統: registers that the same people read, enter, close and approve."""

    code: str
    title_ja: str
    view: Permission
    enter: Permission
    close: Permission
    approve: Permission


def _family(
    code: str,
    title_ja: str,
    *,
    readers: tuple[str, ...],
    writers: tuple[str, ...],
    risk: Literal["normal", "personal"] = "normal",
) -> Family:
    def one(act: str, words: str, actions: set[str], roles: tuple[str, ...], *, second: bool = False) -> Permission:
        return Permission(
            f"registers.{code}_{act}",
            f"{title_ja}の台帳：{words}",
            actions=frozenset(actions),
            risk=risk,
            four_eyes=second,
            default_roles=roles,
        )

    return Family(
        code=code,
        title_ja=title_ja,
        view=one("view", "照会", {"view", "search"}, readers),
        enter=one("enter", "登録・手続", {"create", "update"}, writers),
        close=one("close", "完了・差戻し", {"update"}, ("chief", "administrator", "auditor")),
        approve=one("approve", "決裁", {"update"}, ("chief", "administrator", "auditor"), second=True),
    )


_EVERYBODY = ("clerk", "chief", "operator", "auditor", "administrator")
CONTRACT = _family(
    "contract", "委託", readers=("clerk", "chief", "auditor", "administrator"), writers=("clerk", "chief")
)
OPERATION = _family("operation", "運用", readers=_EVERYBODY, writers=("clerk", "chief", "operator", "administrator"))
PRIVACY = _family(
    "privacy",
    "個人情報",
    readers=("clerk", "chief", "auditor", "administrator"),
    writers=("clerk", "chief", "auditor"),
    risk="personal",
)
OVERSIGHT = _family(
    "oversight",
    "点検・監査・研修",
    readers=("clerk", "chief", "auditor", "administrator"),
    writers=("chief", "auditor", "administrator"),
)
# Copies of data are the system division's and its maintenance's alone.
COPY = _family(
    "copy",
    "複製データ",
    readers=("operator", "auditor", "administrator"),
    writers=("operator", "administrator"),
    risk="personal",
)
FAMILIES = (CONTRACT, OPERATION, PRIVACY, OVERSIGHT, COPY)

PERMISSIONS = (
    VIEW,
    ENTER,
    EXPORT,
    RUN,
    PACKAGE,
    SUPPORT,
    EVIDENCE,
    *(one for family in FAMILIES for one in (family.view, family.enter, family.close, family.approve)),
)
