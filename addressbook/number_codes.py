"""Code lists of the entry of a My Number: on which papers it may be taken, and how it must have been confirmed."""

from django.db import models


class NumberForm(models.TextChoices):
    """番号を記載することが法令・条例で定められた書類 (R-205): a number is taken on these and on no other paper."""

    RESIDENT_RETURN = "resident_return", "市民税・道民税申告書（地方税法317条の2）"
    RELIEF = "relief", "減免申請書（条例）"
    DEPRECIABLE = "depreciable", "償却資産申告書（地方税法383条）"
    HOUSING = "housing", "固定資産税の住宅用地等の申告書（地方税法384条）"
    VEHICLE = "vehicle", "軽自動車税の申告書・減免申請書（地方税法463条の19）"
    AGENT = "tax_administrator", "納税管理人の申告書（地方税法300条）"
    CHANGE = "number_change", "個人番号の変更の届出"


class NumberEvidence(models.TextChoices):
    """番号確認書類 (番号法16条)."""

    CARD = "card", "個人番号カード"
    NOTICE = "notice", "通知カード（記載事項が住民票と一致するもの）"
    RECORD = "record", "番号の記載された住民票の写し・記載事項証明書"
    JUKI = "juki", "住民基本台帳ネットワーク・住民記録での確認"


class IdentityEvidence(models.TextChoices):
    """身元確認書類 (番号法16条)."""

    CARD = "card", "個人番号カード"
    LICENCE = "licence", "運転免許証・運転経歴証明書"
    PASSPORT = "passport", "旅券"
    RESIDENCE = "residence", "在留カード・特別永住者証明書"
    DISABILITY = "disability", "身体障害者手帳等の顔写真付き手帳"
    TWO_PAPERS = "two_papers", "資格確認書・年金手帳等の2点"


class AgentAuthority(models.TextChoices):
    """代理権の確認書類 (R-198)."""

    FAMILY_REGISTER = "family_register", "戸籍謄本等（法定代理人）"
    GUARDIAN = "guardian", "成年後見の登記事項証明書"
    MANDATE = "mandate", "委任状（任意代理人）"
    TAX_ACCOUNTANT = "tax_accountant", "税務代理権限証書"


class NumberEntryKind(models.TextChoices):
    """登録の区分."""

    NEW = "new", "新規"
    CHANGE = "change", "変更"


class NumberEntryState(models.TextChoices):
    """登録の状態."""

    HELD = "held", "保留（登録内容と相違）"
    PROPOSED = "proposed", "決裁待ち"
    EFFECTIVE = "effective", "登録済み"
    DROPPED = "dropped", "取消し"


class Mismatch(models.TextChoices):
    """登録内容との相違. `holder` cannot be released: two people cannot have one number."""

    KANA = "kana", "氏名カナ"
    BIRTH = "birth_on", "生年月日"
    SEX = "sex", "性別"
    ADDRESS = "address", "住所"
    HOLDER = "holder", "番号が他の方に登録済み"


class ReleaseReason(models.TextChoices):
    """相違があっても本人と認める理由."""

    RENAMED = "renamed", "改姓・改名、通称・旧氏の記載"
    MOVED = "moved", "転居前・送付先等の住所の記載"
    WRITING = "writing", "書き方の違い（字体、住居表示、方書）"
    REGISTER = "register", "登録の誤り（別に訂正する）"
    PAPER = "paper", "書類の記載の誤り（本人に確認済み）"


class NumberTaskOutcome(models.TextChoices):
    """確認待ちの処理結果."""

    REGISTERED = "registered", "正しい番号を登録・変更した"
    SAME_PERSON = "same_person", "同一人と確認した（名寄せ済み）"
    OTHER_PERSON = "other_person", "別人の番号と確認した"
    ASKED = "asked", "送付元に訂正を求めた"
    NOTHING = "nothing", "対応の必要がない"


class NumberFileState(models.TextChoices):
    """番号を含むファイルの状態. `automatic`: changes of the resident register as they happen."""

    UNAPPROVED = "unapproved", "未承認"
    PROPOSED = "proposed", "決裁待ち"
    APPROVED = "approved", "承認済み"
    REFUSED = "refused", "否認（番号は使用停止）"
    AUTOMATIC = "automatic", "即時連動（承認不要）"


class SampleOutcome(models.TextChoices):
    """標本の照合結果: one line of the file against the vault and the register."""

    AGREES = "agrees", "番号・氏名・生年月日とも一致"
    ITEMS_DIFFER = "items_differ", "番号の持ち主と氏名・生年月日が相違"
    UNKNOWN = "unknown", "番号の登録なし（突合待ち）"
    BAD_DIGIT = "bad_digit", "検査用数字の誤り（取り込んでいない）"
    EMPTY = "empty", "番号の記載なし"
