"""Where papers go, who acts for whom, and bank accounts."""

from django.db import models

from addressbook.codes import ALL_TAX_KINDS, AccountPurpose, LinkKind
from addressbook.models.party import Party


class DeliveryAddress(models.Model):
    """送付先. Empty `tax_kind` = every tax; no two for one party, tax and day (migration 0002)."""

    id = models.BigAutoField(primary_key=True)
    party = models.ForeignKey(Party, verbose_name="宛名", on_delete=models.PROTECT, related_name="delivery_addresses")
    tax_kind = models.CharField("税目", max_length=4, blank=True, default=ALL_TAX_KINDS)
    valid_from = models.DateField("有効開始日")
    valid_to = models.DateField("有効終了日", null=True, blank=True)
    addressee_name = models.CharField("送付先氏名", max_length=300, blank=True, default="")
    zip = models.CharField("郵便番号", max_length=7, blank=True, default="")
    address_text = models.CharField("住所", max_length=300)
    building_text = models.CharField("方書", max_length=300, blank=True, default="")
    reason = models.CharField("理由", max_length=100, blank=True, default="")
    recorded_at = models.DateTimeField("記録日時")
    superseded_at = models.DateTimeField("訂正日時", null=True, blank=True)

    class Meta:
        verbose_name = "送付先"

    def __str__(self) -> str:
        return f"{self.party_id} {self.tax_kind}"


class PartyLink(models.Model):
    """関係 (納税管理人・相続人代表者 …): `agent` acts for `party` in `tax_kind` during the period."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField("種別", max_length=20, choices=LinkKind.choices)
    party = models.ForeignKey(Party, verbose_name="本人", on_delete=models.PROTECT, related_name="links")
    agent = models.ForeignKey(Party, verbose_name="相手方", on_delete=models.PROTECT, related_name="agent_links")
    tax_kind = models.CharField("税目", max_length=4, blank=True, default=ALL_TAX_KINDS)
    valid_from = models.DateField("有効開始日")
    valid_to = models.DateField("有効終了日", null=True, blank=True)
    recorded_at = models.DateTimeField("記録日時")
    superseded_at = models.DateTimeField("訂正日時", null=True, blank=True)

    class Meta:
        verbose_name = "宛名の関係"
        constraints = [
            models.CheckConstraint(condition=~models.Q(party=models.F("agent")), name="partylink_two_parties"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.party_id}"


class BankAccount(models.Model):
    """口座. Mandates of direct debit belong to the collection duty; this is the account itself."""

    id = models.BigAutoField(primary_key=True)
    party = models.ForeignKey(Party, verbose_name="宛名", on_delete=models.PROTECT, related_name="bank_accounts")
    purpose = models.CharField("用途", max_length=8, choices=AccountPurpose.choices)
    tax_kind = models.CharField("税目", max_length=4, blank=True, default=ALL_TAX_KINDS)
    bank_code = models.CharField("銀行コード", max_length=4)
    branch_code = models.CharField("支店コード", max_length=3)
    account_type = models.CharField("預金種目", max_length=1)
    account_no = models.CharField("口座番号", max_length=7)
    holder_kana = models.CharField("口座名義（カナ）", max_length=100)
    valid_from = models.DateField("有効開始日")
    valid_to = models.DateField("有効終了日", null=True, blank=True)
    recorded_at = models.DateTimeField("記録日時")
    superseded_at = models.DateTimeField("訂正日時", null=True, blank=True)

    class Meta:
        verbose_name = "口座"

    def __str__(self) -> str:
        return f"{self.party_id} {self.purpose}"
