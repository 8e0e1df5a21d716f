"""元帳 (ledger): accounts, journal entries, transfers, cached balances.

Entries and transfers are append-only: a statement trigger refuses UPDATE and DELETE and the application role holds no
such right (migration 0002). A transfer has one debit and one credit side, so the books balance by construction.
Money is bigint yen. docs/adr/0001-ledger.md.
"""

from django.db import models


class AccountKind(models.TextChoices):
    """勘定の種別."""

    RECEIVABLE = "receivable", "未収"
    CASH_IN = "cash_in", "収納金"
    SUSPENSE = "suspense", "仮受(不明金)"
    OVERPAYMENT = "overpayment", "過誤納"
    REFUND_PAYABLE = "refund_payable", "還付未済"
    REVENUE_CITY = "revenue_city", "市税収入"
    REVENUE_PREFECTURE = "revenue_prefecture", "道府県民税(預り)"
    REVENUE_FOREST = "revenue_forest", "森林環境税(預り)"
    INTEREST = "interest", "延滞金収入"
    REMINDER_FEE = "reminder_fee", "督促手数料収入"
    WRITE_OFF = "write_off", "不納欠損"
    REFUND_INTEREST = "refund_interest", "還付加算金(支出)"
    CASH_OUT = "cash_out", "支払金"
    MISC_REVENUE = "misc_revenue", "雑入"
    REMITTED = "remitted", "払込額(道府県民税・森林環境税)"
    REMITTANCE_PAYABLE = "remittance_payable", "払込未済"
    PREFECTURE_CASH = "prefecture_cash", "道府県との受払"
    FEE_RECEIVABLE = "fee_receivable", "徴収取扱費(未収)"
    FEE_INCOME = "fee_income", "徴収取扱費収入"


class Component(models.TextChoices):
    """債権の区分; the order of the members is the order of allocation (地方税法14条の5: 本税が先)."""

    PRINCIPAL = "principal", "本税"
    REMINDER_FEE = "reminder_fee", "督促手数料"
    LATE_INTEREST = "late_interest", "延滞金"
    PENALTY = "penalty", "加算金"


class EntryReason(models.TextChoices):
    """仕訳の理由."""

    LEVY = "levy", "調定"
    OPENING = "opening", "移行"
    LEVY_ADJUST = "levy_adjust", "調定増減"
    LEVY_RECALL = "levy_recall", "調定取消"
    COMPONENT = "component", "延滞金等の調定"
    RECEIPT = "receipt", "収納"
    RECEIPT_REVERSAL = "receipt_reversal", "収納取消"
    MATCHING_REVERSAL = "matching_reversal", "消込取消"
    SUSPENSE_RESOLVED = "suspense_resolved", "仮受の解消"
    REFUND = "refund", "還付"
    REFUND_PAID = "refund_paid", "還付の支払"
    REFUND_EXPIRED = "refund_expired", "還付請求権の時効"
    OFFSET = "offset", "充当"
    WRITE_OFF = "write_off", "不納欠損"
    REMITTANCE = "remittance", "払込の決定"
    REMITTANCE_PAID = "remittance_paid", "払込"
    REMITTANCE_RECALL = "remittance_recall", "払込の取消"
    COLLECTION_FEE = "collection_fee", "徴収取扱費"


class Account(models.Model):
    """勘定 (account). A receivable belongs to one charge and component; the others are found by their text key."""

    kind = models.CharField("種別", max_length=20, choices=AccountKind)
    charge = models.ForeignKey(
        "collection.Charge",
        on_delete=models.PROTECT,
        null=True,
        related_name="accounts",
        verbose_name="期別債権",
        db_index=False,
    )
    component = models.CharField("区分", max_length=20, choices=Component, blank=True)
    key = models.CharField("勘定キー", max_length=120, blank=True)

    class Meta:
        verbose_name = "勘定"
        constraints = [
            models.UniqueConstraint(
                fields=["charge", "component"],
                condition=models.Q(kind="receivable"),
                name="collection_account_receivable",
            ),
            models.UniqueConstraint(
                fields=["key"], condition=~models.Q(kind="receivable"), name="collection_account_key"
            ),
            models.CheckConstraint(
                condition=(models.Q(kind="receivable", charge__isnull=False, key="") & ~models.Q(component=""))
                | (~models.Q(kind="receivable") & models.Q(charge__isnull=True, component="") & ~models.Q(key="")),
                name="collection_account_shape",
            ),
        ]

    def __str__(self) -> str:
        return self.key or f"receivable:{self.charge_id}:{self.component}"


class JournalEntry(models.Model):
    """仕訳 (journal entry): one business event."""

    reason = models.CharField("理由", max_length=24, choices=EntryReason)
    legal_ground = models.CharField("根拠", max_length=80, blank=True)
    source_document = models.CharField("証拠書類", max_length=120, blank=True)
    actor = models.CharField("処理者", max_length=60)
    approval_ref = models.CharField("決裁", max_length=60, blank=True)
    occurred_on = models.DateField("発生日")
    value_date = models.DateField("起算日")
    recorded_at = models.DateTimeField("記録日時")
    dedupe_key = models.CharField("重複防止キー", max_length=200, unique=True)
    reverses = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, db_index=False, verbose_name="反対仕訳の元"
    )
    transfer_count = models.IntegerField("明細数")
    total_yen = models.BigIntegerField("合計額")

    class Meta:
        verbose_name = "仕訳"
        verbose_name_plural = "仕訳"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(transfer_count__gte=1, total_yen__gt=0), name="collection_entry_content"
            ),
            models.UniqueConstraint(
                fields=["reverses"], condition=models.Q(reverses__isnull=False), name="collection_entry_reversed_once"
            ),
        ]

    def __str__(self) -> str:
        return self.dedupe_key


class Transfer(models.Model):
    """振替明細 (transfer): `yen` from the credit account to the debit account."""

    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="transfers", verbose_name="仕訳")
    debit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="debits", verbose_name="借方")
    credit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="credits", verbose_name="貸方")
    yen = models.BigIntegerField("金額")

    class Meta:
        verbose_name = "振替明細"
        constraints = [
            models.CheckConstraint(condition=models.Q(yen__gt=0), name="collection_transfer_positive"),
            models.CheckConstraint(condition=~models.Q(debit=models.F("credit")), name="collection_transfer_two_sides"),
        ]

    def __str__(self) -> str:
        return f"{self.debit_id}<-{self.credit_id} {self.yen}"


class Balance(models.Model):
    """残高 (cached balance), kept by the insert trigger of Transfer in the same statement; never written by hand.

    The CHECK keeps a receivable from going below zero (L4) and the money we owe from turning into a claim (L5).
    """

    account = models.OneToOneField(Account, on_delete=models.PROTECT, primary_key=True, related_name="balance")
    kind = models.CharField("種別", max_length=20)
    debit_yen = models.BigIntegerField("借方計", default=0)
    credit_yen = models.BigIntegerField("貸方計", default=0)

    class Meta:
        verbose_name = "残高"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(kind="receivable") | models.Q(debit_yen__gte=models.F("credit_yen")),
                name="collection_balance_receivable",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=["suspense", "overpayment", "refund_payable"])
                | models.Q(credit_yen__gte=models.F("debit_yen")),
                name="collection_balance_owed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.debit_yen - self.credit_yen}"


class ErasedTotal(models.Model):
    """消去済の累計: what was posted by transfers, receipts and charges that have been erased; no person is in it.

    `kind` says what `key` is: an account, a cash account of a day and channel, a revenue account. The accounts of the
    city keep their balances when old details go; the proofs add these sums (地方税法17条の5, R-190).
    """

    kind = models.CharField(
        "種類",
        max_length=8,
        choices=[("account", "勘定"), ("cash", "収納"), ("part", "調定"), ("refund", "還付の支払")],
    )
    key = models.CharField("キー", max_length=120)
    debit_yen = models.BigIntegerField("借方計")
    credit_yen = models.BigIntegerField("貸方計")

    class Meta:
        verbose_name = "消去済の累計"
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="collection_erased_once")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"
