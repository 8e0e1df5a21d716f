"""Errors of the 宛名 duty: code, what happened, what to do. No message holds a number, a name or an address."""


class AddressbookError(Exception):
    """Base of the family. `code` is stable; `message_ja` is for the person who reads it."""

    code = "A0000"
    message_ja = "宛名の処理を完了できませんでした。"
    is_retryable = False

    def __init__(self, message_ja: str = "", *, field: str = "") -> None:
        self.message_ja = message_ja or self.message_ja
        self.field = field
        super().__init__(f"{self.code} {self.message_ja}")


class FeedOrderBroken(AddressbookError):
    """A gap or a step back in the sequence numbers of a feed."""

    code = "A0101"


class FeedRecordInvalid(AddressbookError):
    """A feed record that cannot be applied; the whole chunk stays unapplied."""

    code = "A0102"


class FeedNothingToUndo(AddressbookError):
    """A correction (異動区分3) without an earlier record of the person."""

    code = "A0103"


class PartyNotFound(AddressbookError):
    """No such party, or none that this officer may open."""

    code = "A0201"
    message_ja = "該当する宛名がありません。宛名番号を確認してください。"


class PartyAccessDenied(AddressbookError):
    """The officer has no right to this act."""

    code = "A0202"
    message_ja = "この宛名を開く権限がありません。"


class CorporateNoInvalid(AddressbookError):
    """法人番号 whose check digit is wrong."""

    code = "A0203"
    message_ja = "法人番号の検査用数字が合いません。番号を確認してください。"


class NumberInSearch(AddressbookError):
    """A My Number in a search box that is not for numbers (R-213, N-025)."""

    code = "A0204"
    message_ja = "個人番号では検索できません。"


class SearchTooWide(AddressbookError):
    """A search with too few conditions."""

    code = "A0205"
    message_ja = "検索条件が足りません。カナは2文字以上、漢字は他の条件と合わせて入力してください。"


class MergeRefused(AddressbookError):
    """A merge or split that cannot be done."""

    code = "A0206"


class NumberInText(AddressbookError):
    """A My Number in a free text (N-025)."""

    code = "A0207"
    message_ja = "個人番号と思われる12桁の数字は入力できません。数字を除いて入力してください。"


class PartyNotChangeable(AddressbookError):
    """A change of a party that staff may not change here."""

    code = "A0208"
    message_ja = "この宛名はここでは変更できません。住民の異動は住民記録から、法人の異動は届出から反映されます。"


class PeriodInvalid(AddressbookError):
    """A period or day that does not fit what is registered."""

    code = "A0209"


class ProtectionTermRefused(AddressbookError):
    """An extension or end of a protection that cannot be recorded (N-086)."""

    code = "A0302"


class RevealReportRefused(AddressbookError):
    """A daily report of reveals that cannot be signed off by this officer or now (N-101)."""

    code = "A0303"


class OutputNotRegistered(AddressbookError):
    """An output asked for an address without being in the register of outputs."""

    code = "A0301"
    message_ja = "住所を出力できません。この出力は出力登録簿にありません。"


class VaultError(AddressbookError):
    """Base of the vault's errors. Never carries a number."""

    code = "A0900"
    message_ja = "個人番号を扱えませんでした。"


class VaultContextMissing(VaultError):
    """No access context, or one without function, purpose or legal base (fail closed)."""

    code = "A0901"
    message_ja = "個人番号を扱う根拠（機能・目的・法的根拠）がないため処理を止めました。"


class VaultTampered(VaultError):
    """A sealed number does not open: wrong tag, wrong row, wrong party or wrong key."""

    code = "A0902"
    message_ja = "個人番号の封印が合いません。改ざんのおそれがあるため処理を止めました。保護責任者に連絡してください。"


class NumberInvalid(VaultError):
    """Not 12 digits or a wrong check digit. There is no way to save it anyway (N-009)."""

    code = "A0903"
    message_ja = "個人番号の検査用数字が合いません。番号を確認してください。"


class NumberTooEarly(VaultError):
    """Acquisition before 2015-10-05 (R-015)."""

    code = "A0904"
    message_ja = "個人番号の取得日が平成27年10月5日より前です。取得日を確認してください。"


class IndexKeyChanged(VaultError):
    """The index key was changed between computing an index and using it: the same act again succeeds."""

    code = "A0914"
    message_ja = "個人番号の索引の鍵が切り替わったため処理を止めました。もう一度操作してください。"
    is_retryable = True


class NumberFileClosed(VaultError):
    """A file of numbers that is not in the state the act needs, or is not the file that was taken in (R-207)."""

    code = "A0915"
    message_ja = "このファイルの番号はすでに処理されています。画面を開き直してください。"


class NumberConflict(VaultError):
    """Another party holds the number, or the party holds another number: to be settled by two people (N-010, N-011)."""

    code = "A0905"
    message_ja = "個人番号が登録済みの内容と一致しません。二人で確認してから登録してください。"


class NumberKnown(VaultError):
    """The number entered is, or was, already this party's (N-012)."""

    code = "A0907"
    message_ja = "この番号は、この方の番号として登録済みです（変更前の番号を含みます）。番号を確認してください。"


class NumberEntryClosed(VaultError):
    """An entry that is not in the state the act needs."""

    code = "A0908"
    message_ja = "この登録はすでに処理されています。画面を開き直してください。"


class NumberNotReleasable(VaultError):
    """A held number that another party holds (N-011)."""

    code = "A0909"
    message_ja = (
        "番号が他の方に登録されているため、起案できません。両方の方の番号を確かめ、誤りのある登録を先に直してください。"
    )


class NumberNotAgreeing(VaultError):
    """The second person's reading of the paper is another number."""

    code = "A0910"
    message_ja = "入力された番号と一致しません。書類の番号を確かめてください。違うときは差し戻してください。"


class KeyGone(VaultError):
    """A seal under a key version that is retired or erased: an old row was brought back, or a backup is too old."""

    code = "A0911"
    message_ja = "退役・消去した鍵で封印された番号が見つかったため、処理を止めました。保護責任者に連絡してください。"


class KeyInUse(VaultError):
    """A key that still seals numbers, or the newest one, cannot be retired; one not retired cannot be erased."""

    code = "A0912"
    message_ja = "使用中の鍵は退役・消去できません。鍵の更新（B-AB-03）が終わってから行ってください。"


class KeyProviderRefused(VaultError):
    """Keys are missing, readable by others, or of a provider that this profile does not allow."""

    code = "A0906"
    message_ja = "個人番号の鍵を使えません。"


class KeyStoreUnavailable(KeyProviderRefused):
    """The key store (HSM) does not answer, or answers with an error: what needs a number stops (fail closed, H081)."""

    code = "A0916"
    message_ja = "鍵の保管装置が使えないため、個人番号を扱う処理を止めました。装置の状態を確認してください。"
    is_retryable = True


class RealNumberRefused(VaultError):
    """A test or training copy was given a number that exists in production (R-234, H076)."""

    code = "A0917"
    message_ja = "検証・研修環境に実在の個人番号は入れられません。架空の番号に置き換えてから取り込んでください。"


class NumberTaskClosed(VaultError):
    """A task of the work list of numbers that somebody settled meanwhile."""

    code = "A0918"
    message_ja = "この確認待ちは、他の職員が処理済みにしました。一覧を開き直してください。"
