"""Code lists of the 宛名 duty: one place for every stable code, with its Japanese label."""

from django.db import models


class PartyKind(models.TextChoices):
    """宛名種別."""

    RESIDENT = "resident", "住民"
    NONRESIDENT_REGISTRANT = "nonresident_registrant", "住登外者"
    CORPORATION = "corporation", "法人"
    BODY = "body", "団体等"


class PartyState(models.TextChoices):
    """住民状態. Corporations and non-residents stand as `active`."""

    REGISTERED = "registered", "住民登録あり"
    MOVED_OUT = "moved_out", "転出"
    DEAD = "dead", "死亡"
    ERASED = "erased", "消除"
    ACTIVE = "active", "有効"


class Sex(models.TextChoices):
    """性別."""

    UNKNOWN = "0", "不明"
    MALE = "1", "男"
    FEMALE = "2", "女"


class AddressKind(models.TextChoices):
    """住所の種別."""

    RESIDENCE = "residence", "住所"
    HEAD_OFFICE = "head_office", "本店所在地"


class LinkKind(models.TextChoices):
    """関係の種別. `from_party` acts for (or answers beside) `to_party`."""

    TAX_ADMINISTRATOR = "tax_administrator", "納税管理人"
    HEIR_REPRESENTATIVE = "heir_representative", "相続人代表者"
    BANKRUPTCY_TRUSTEE = "bankruptcy_trustee", "破産管財人"
    JOINT_LIABILITY = "joint_liability", "連帯納税義務者"
    SECONDARY_LIABILITY = "secondary_liability", "第二次納税義務者"


class ProtectionKind(models.TextChoices):
    """支援措置の区分. `9` stands for a bare flag of the resident feed whose details have not arrived."""

    DOMESTIC_VIOLENCE = "1", "配偶者等からの暴力"
    STALKING = "2", "ストーカー行為等"
    CHILD_ABUSE = "3", "児童虐待"
    OTHER = "4", "その他"
    DETAILS_PENDING = "9", "内容未着"


class ProtectionState(models.TextChoices):
    """支援措置の状態."""

    ACTIVE = "1", "実施中"
    ENDED = "2", "終了"
    WITHDRAWN = "3", "取下げ"


class AccountPurpose(models.TextChoices):
    """口座の用途."""

    DEBIT = "debit", "口座振替"
    REFUND = "refund", "還付"


class ContactChannel(models.TextChoices):
    """対応の方法."""

    COUNTER = "counter", "窓口"
    PHONE = "phone", "電話"
    LETTER = "letter", "文書"
    VISIT = "visit", "訪問"
    OTHER = "other", "その他"


class RevealReason(models.TextChoices):
    """支援措置対象者の住所を表示する理由. The code goes into the access log."""

    OWN_REQUEST = "reveal_own_request", "本人からの申出・手続"
    MAILING = "reveal_mailing", "文書の送付先の確認"
    ASSESSMENT = "reveal_assessment", "課税・収納事務に必要な確認"
    AUTHORITY = "reveal_authority", "法令に基づく照会への回答"


class NumberPurpose(models.TextChoices):
    """個人番号を表示・検索する目的: the list of 別表24 affairs at the screen. The label goes into the access log."""

    FORM = "number_form", "申告書・届出書に記載された番号との照合"
    IDENTITY = "number_identity", "本人確認の措置（番号法16条）"
    MATCHING = "number_matching", "課税資料の突合"
    AUTHORITY = "number_authority", "法令に基づく照会・提供の確認"


class NumberAlarmKind(models.TextChoices):
    """個人番号の利用の警報."""

    UNUSUAL = "unusual", "普段の2倍以上"
    LIMIT = "limit", "上限に到達"


class CandidateState(models.TextChoices):
    """名寄せ候補の状態."""

    OPEN = "open", "未処理"
    SAME = "same", "同一人"
    DIFFERENT = "different", "別人"


class NumberTaskKind(models.TextChoices):
    """個人番号の確認待ちの種別."""

    BAD_CHECK_DIGIT = "bad_check_digit", "検査用数字の誤り"
    COLLISION = "collision", "番号が他の者に登録済み"
    DIFFERENT_NUMBER = "different_number", "登録済みの番号と相違"
    BEFORE_ACQUISITION = "before_acquisition", "保有開始日前の取得日"


FEED_STATES = {
    "1": PartyState.REGISTERED,
    "2": PartyState.MOVED_OUT,
    "3": PartyState.DEAD,
    "9": PartyState.ERASED,
}

# 続柄: two digits per step. 02 = 世帯主 in the resident record's list.
HEAD_RELATION_CODE = "02"

ALL_TAX_KINDS = ""
