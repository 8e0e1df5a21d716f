"""Code lists of the 証明 duty: stable codes with their Japanese labels."""

from django.db import models


class RequestedKind(models.TextChoices):
    """請求する証明の種類; whether a tax certificate is 課税 or 非課税 follows from the decision."""

    INCOME = "income", "所得証明書"
    TAX = "tax", "課税（非課税）証明書"
    INCOME_AND_TAX = "income_and_tax", "所得課税証明書"


class Relation(models.TextChoices):
    """請求者と対象者の関係 (F-CT-010)."""

    SELF = "self", "本人"
    HOUSEHOLD = "household", "同一世帯の親族"
    AGENT = "agent", "代理人（委任状）"
    HEIR = "heir", "相続人"
    LEGAL = "legal", "法定代理人"


class IdentityCheck(models.TextChoices):
    """本人確認に使った書類. The front of a My Number card shows no number and none is kept."""

    MY_NUMBER_CARD = "number_card", "個人番号カード（表面）"
    LICENCE = "licence", "運転免許証"
    PASSPORT = "passport", "旅券"
    RESIDENCE_CARD = "residence_card", "在留カード等"
    TWO_PAPERS = "two_papers", "その他の書類2点"
    NONE = "none", "確認できない"


class Authority(models.TextChoices):
    """請求する権限を示す書類."""

    NONE = "", "なし"
    MANDATE = "mandate", "委任状（原本）"
    FAMILY_REGISTER = "family_register", "戸籍謄本等"
    GUARDIANSHIP = "guardianship", "登記事項証明書（成年後見等）"


class RequestState(models.TextChoices):
    """請求の状態."""

    ACCEPTED = "accepted", "受付"
    REFUSED = "refused", "交付不可"
    ISSUED = "issued", "交付済"
