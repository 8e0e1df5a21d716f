"""還付・充当 (refund and offset): the decision over overpayments of one party, its lines, and the payments of it.

An overpayment belongs to at most one live decision (`Overpayment.held_by`), a decision pays at most what it owes and a
payee gets one live payment of it: an overpayment leaves once, whoever asks how often (地方税法17条・17条の2, I8).
"""

from django.db import models
from django.db.models import F, Q

from collection.models.charges import Charge
from collection.models.ledger import Component, JournalEntry


class RefundState(models.TextChoices):
    """還付充当の状態."""

    PROPOSED = "proposed", "案（決裁待ち）"
    DECIDED = "decided", "決定"
    DISCARDED = "discarded", "取下げ・差戻し"


class RefundGround(models.TextChoices):
    """還付加算金の起算の号 (地方税法17条の4第1項各号)."""

    LEVY_REDUCED = "17-4-1-1", "一号 更正・決定・賦課決定による減額"
    CORRECTION_REQUEST = "17-4-1-2", "二号 更正の請求による更正"
    INCOME_TAX_CORRECTION = "17-4-1-3", "三号 所得税の更正・申告に基づく減額"
    WRONG_PAYMENT = "17-4-1-4", "四号 二重納付・誤納など"


class RefundBudget(models.TextChoices):
    """還付の年度区分 (F-RF-015)."""

    REVENUE = "revenue", "歳入還付（戻出）"
    EXPENDITURE = "expenditure", "歳出還付（償還金）"


class RefundDecision(models.Model):
    """還付充当の決定: what becomes of overpayments of one party on `decided_on` (支出決定日).

    `refund_no` (year and number in it) names it on notices, in the journal and to the bank.
    """

    refund_no = models.CharField("還付番号", max_length=12, unique=True)
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="権利者")
    decided_on = models.DateField("支出決定日")
    state = models.CharField("状態", max_length=10, choices=RefundState, default=RefundState.PROPOSED)
    offset_yen = models.BigIntegerField("充当額")
    refund_yen = models.BigIntegerField("還付額")
    interest_yen = models.BigIntegerField("還付加算金")
    paid_yen = models.BigIntegerField("支払の指示の計", default=0)
    expired_yen = models.BigIntegerField("時効で消滅した額", default=0, db_default=0)
    proposed_by = models.CharField("起案者", max_length=60)
    approval_ref = models.CharField("決裁", max_length=60, blank=True)
    entry = models.OneToOneField(JournalEntry, on_delete=models.PROTECT, null=True, verbose_name="還付の仕訳")
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "還付充当決定"
        constraints = [
            models.CheckConstraint(
                condition=Q(offset_yen__gte=0, refund_yen__gte=0, interest_yen__gte=0)
                & Q(paid_yen__gte=0, expired_yen__gte=0)
                & Q(paid_yen__lte=F("refund_yen") + F("interest_yen") - F("expired_yen")),
                name="collection_refund_amounts",
            ),
        ]

    def __str__(self) -> str:
        return self.refund_no

    @property
    def to_pay_yen(self) -> int:
        """What the party gets in money: refund and interest, in yen."""
        return self.refund_yen + self.interest_yen

    @property
    def unpaid_yen(self) -> int:
        """What no payment has been instructed for yet and may still be claimed, in yen."""
        return self.to_pay_yen - self.paid_yen - self.expired_yen


class RefundLine(models.Model):
    """還付充当の内訳: one overpayment in a decision, with its interest and how that was computed."""

    decision = models.ForeignKey(RefundDecision, on_delete=models.PROTECT, related_name="lines", verbose_name="決定")
    overpayment = models.ForeignKey(
        "collection.Overpayment", on_delete=models.PROTECT, related_name="refund_lines", verbose_name="過誤納金"
    )
    ground = models.CharField("起算の号", max_length=10, choices=RefundGround)
    request_on = models.DateField("更正の請求の日", null=True)
    correction_on = models.DateField("更正の日", null=True)
    tax_office_notice_on = models.DateField("所得税の更正通知の日", null=True)
    budget = models.CharField("年度区分", max_length=12, choices=RefundBudget)
    yen = models.BigIntegerField("過誤納の額")
    refund_yen = models.BigIntegerField("還付額")
    count_from = models.DateField("加算金の起算日")
    count_until = models.DateField("加算金の終日")
    segments = models.JSONField("加算金の区間", default=list)
    interest_yen = models.BigIntegerField("還付加算金")

    class Meta:
        verbose_name = "還付充当の内訳"
        constraints = [
            models.UniqueConstraint(fields=["decision", "overpayment"], name="collection_refund_line_once"),
            models.CheckConstraint(
                condition=Q(yen__gt=0, refund_yen__gte=0, refund_yen__lte=F("yen"), interest_yen__gte=0),
                name="collection_refund_line_amounts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id}: {self.yen}"


class RefundOffset(models.Model):
    """充当: part of an overpayment put to a claim, from the day both could meet (充当適状日, 施行令6条の14)."""

    line = models.ForeignKey(RefundLine, on_delete=models.PROTECT, related_name="offsets", verbose_name="内訳")
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="+", verbose_name="充当先の期別")
    component = models.CharField("区分", max_length=20, choices=Component)
    settled_on = models.DateField("充当適状日")
    yen = models.BigIntegerField("充当額")
    entry = models.OneToOneField(JournalEntry, on_delete=models.PROTECT, null=True, verbose_name="仕訳")

    class Meta:
        verbose_name = "充当"
        constraints = [
            models.UniqueConstraint(fields=["line", "charge", "component"], name="collection_refund_offset_once"),
            models.CheckConstraint(condition=Q(yen__gt=0), name="collection_refund_offset_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}->{self.charge_id}: {self.yen}"


class RefundFileState(models.TextChoices):
    """還付支払データの状態."""

    PREPARED = "prepared", "作成済"
    SENT = "sent", "送付済"
    ANSWERED = "answered", "結果登録済"


class PayoutWay(models.TextChoices):
    """支払の方法 (F-RF-006)."""

    TRANSFER = "transfer", "口座振込"
    REMOTE = "remote", "隔地払"
    COUNTER = "counter", "窓口払"


class RefundFile(models.Model):
    """還付支払データ: one file of payments of one way, made for one day: 総合振込 (21), or the list of 隔地払."""

    way = models.CharField(
        "支払の方法", max_length=8, choices=PayoutWay, default=PayoutWay.TRANSFER, db_default=PayoutWay.TRANSFER
    )
    transfer_on = models.DateField("振込指定日")
    sequence = models.SmallIntegerField("回次")
    state = models.CharField("状態", max_length=10, choices=RefundFileState, default=RefundFileState.PREPARED)
    payment_count = models.IntegerField("件数")
    payment_yen = models.BigIntegerField("合計額")

    class Meta:
        verbose_name = "還付支払データ"
        constraints = [
            models.UniqueConstraint(fields=["way", "transfer_on", "sequence"], name="collection_refund_file_key"),
        ]

    def __str__(self) -> str:
        return f"{self.way}:{self.transfer_on}:{self.sequence}"


class RefundPaymentState(models.TextChoices):
    """支払の状態."""

    ASKING = "asking", "口座照会中"
    PROPOSED = "proposed", "決裁待ち"
    RESERVED = "reserved", "支払準備"
    SENT = "sent", "送信済"
    PAID = "paid", "支払済"
    FAILED = "failed", "振込不能"
    VOIDED = "voided", "取消"


LIVE_PAYMENTS = (
    RefundPaymentState.ASKING,
    RefundPaymentState.PROPOSED,
    RefundPaymentState.RESERVED,
    RefundPaymentState.SENT,
    RefundPaymentState.PAID,
)


class AccountSource(models.TextChoices):
    """口座の出所."""

    CLAIM = "claim", "還付請求書で届出の口座"
    MANDATE = "mandate", "口座振替の口座"
    PUBLIC = "public", "公金受取口座"


class PayeeKind(models.TextChoices):
    """受取人."""

    SELF = "self", "本人"
    HEIR = "heir", "相続人"
    AGENT = "agent", "代理人・破産管財人・差押債権者など"


class RefundPayment(models.Model):
    """還付の支払: one instruction to pay a payee; reserved → sent → paid or failed, or voided before it is sent.

    A payment to a 公金受取口座 is `asking` until the answer of the number network is in; one over the counter is
    `proposed` until a second person approves. The account of a 公金受取口座 stands in this row alone, from the answer
    until the payment ends, and is then erased (`account_erased_on`, N-057).
    `instruction_no`: ten digits, of the decision and the number in it; the customer code in the bank's file.
    """

    decision = models.ForeignKey(RefundDecision, on_delete=models.PROTECT, related_name="payments", verbose_name="決定")
    instruction_no = models.CharField("支払番号", max_length=10, unique=True)
    payee = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="受取人")
    payee_kind = models.CharField("受取人の別", max_length=6, choices=PayeeKind, default=PayeeKind.SELF)
    evidence = models.CharField("確認書類", max_length=100, blank=True)
    claimed_on = models.DateField("還付請求書の日付", null=True)
    amount_yen = models.BigIntegerField("支払額")
    way = models.CharField(
        "支払の方法", max_length=8, choices=PayoutWay, default=PayoutWay.TRANSFER, db_default=PayoutWay.TRANSFER
    )
    source = models.CharField("口座の出所", max_length=8, choices=AccountSource, blank=True)
    bank_code = models.CharField("銀行番号", max_length=4, blank=True)
    branch_code = models.CharField("支店番号", max_length=3, blank=True)
    account_type = models.CharField("預金種目", max_length=1, blank=True)
    account_number = models.CharField("口座番号", max_length=7, blank=True)
    holder_kana = models.CharField("預金者名", max_length=30, blank=True)
    account_erased_on = models.DateField("口座の消去日", null=True)
    state = models.CharField("状態", max_length=10, choices=RefundPaymentState, default=RefundPaymentState.RESERVED)
    attempt_no = models.SmallIntegerField("回次", default=1)
    file = models.ForeignKey(
        RefundFile, on_delete=models.PROTECT, null=True, related_name="payments", verbose_name="支払データ"
    )
    failure_ja = models.CharField("不能の理由", max_length=60, blank=True)
    paid_on = models.DateField("支払日", null=True)
    entry = models.OneToOneField(JournalEntry, on_delete=models.PROTECT, null=True, verbose_name="支払の仕訳")
    actor = models.CharField("登録者", max_length=60)
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "還付の支払"
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "payee"], condition=Q(state__in=LIVE_PAYMENTS), name="collection_refund_payee_live"
            ),
            models.CheckConstraint(condition=Q(amount_yen__gt=0), name="collection_refund_payment_amount"),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(paid_on__isnull=False, entry__isnull=False),
                name="collection_refund_payment_paid",
            ),
            models.CheckConstraint(
                condition=~Q(way="transfer", state__in=["reserved", "sent"]) | ~Q(account_number=""),
                name="collection_refund_payment_account",
            ),
            models.CheckConstraint(
                condition=Q(account_erased_on__isnull=True) | Q(account_number="", holder_kana=""),
                name="collection_refund_payment_erased",
            ),
        ]

    def __str__(self) -> str:
        return self.instruction_no
