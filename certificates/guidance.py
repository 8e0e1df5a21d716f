"""手続の案内: what the certificate counter does not take, and where it belongs (R-204).

An application of another procedure is not taken here by mistake, and nobody hands over papers that are not needed.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OtherProcedure:
    """ほかの手続: what the customer asks for, and who takes it."""

    title_ja: str
    taken_by_ja: str


OTHER_PROCEDURES = (
    OtherProcedure("納税証明書（市税の納付を証明するもの）・完納証明書", "納税管理課"),
    OtherProcedure("軽自動車税（種別割）の納税証明書（継続検査用）", "納税管理課"),
    OtherProcedure("固定資産評価証明書・公課証明書・名寄帳", "資産税課"),
    OtherProcedure("法人市民税・事業所税の証明", "市民税課（諸税）"),
    OtherProcedure("申告していない年度の証明", "市民税課（先に市民税・道民税の申告）"),
    OtherProcedure("住民票の写し・戸籍・印鑑登録の証明", "戸籍・住民登録の窓口"),
    OtherProcedure("所得税の納税証明書（その1からその4）", "税務署"),
)
WRONG_KIND_JA = (
    "この窓口で受け付けるのは、所得証明書・課税（非課税）証明書・所得課税証明書です。"
    "ほかの証明は「この画面で受け付けない手続」の窓口を案内してください。"
)
NOT_NEEDED_JA = "この請求者の区分では要りません。空にするか、請求者の区分を選び直してください。"
# 請求者の区分 → the fields it has a use for; what is typed elsewhere is refused, not kept.
NEEDED: dict[str, frozenset[str]] = {
    "self": frozenset(),
    "household": frozenset({"applicant_no", "applicant_name", "has_consent"}),
    "agent": frozenset({"applicant_no", "applicant_name", "authority"}),
    "heir": frozenset({"applicant_no", "applicant_name", "authority"}),
    "legal": frozenset({"applicant_no", "applicant_name", "authority"}),
}
BY_RELATION = ("applicant_no", "applicant_name", "authority", "has_consent")
