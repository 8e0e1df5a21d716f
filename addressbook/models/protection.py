"""支援措置: persons whose address must not reach the named opponent (住民基本台帳事務における支援措置)."""

from django.db import models

from addressbook.codes import ProtectionKind, ProtectionState
from addressbook.models.party import Party


class Protection(models.Model):
    """支援措置. Expiry never opens an address by itself: only state 終了 or 取下げ does (N-086)."""

    id = models.BigAutoField(primary_key=True)
    party = models.ForeignKey(Party, verbose_name="宛名", on_delete=models.PROTECT, related_name="protections")
    kind = models.CharField("支援区分", max_length=1, choices=ProtectionKind.choices)
    accepted_on = models.DateField("申出受付日")
    valid_from = models.DateField("開始日")
    valid_to = models.DateField("終了日", null=True, blank=True)
    targets = models.CharField("対象事務", max_length=40, blank=True, default="")
    opponent_name = models.CharField("加害者氏名", max_length=100, blank=True, default="")
    opponent_address = models.CharField("加害者住所", max_length=300, blank=True, default="")
    opponent_party = models.ForeignKey(
        Party, verbose_name="加害者の宛名", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    contact = models.CharField("連絡先（秘匿）", max_length=100, blank=True, default="")
    mail_to = models.CharField("送付先", max_length=300, blank=True, default="")
    requested_from = models.CharField("申出を受けた市区町村", max_length=6, blank=True, default="")
    forwarded_to = models.CharField("転送先市区町村", max_length=6, blank=True, default="")
    state = models.CharField("状態", max_length=1, choices=ProtectionState.choices, default=ProtectionState.ACTIVE)
    source = models.CharField("入力元", max_length=30)
    source_updated_at = models.DateTimeField("更新日時", null=True, blank=True)
    recorded_at = models.DateTimeField("記録日時")
    ended_on = models.DateField("終了確認日", null=True, blank=True)

    class Meta:
        verbose_name = "支援措置"
        constraints = [
            models.UniqueConstraint(fields=["party", "kind", "accepted_on"], name="protection_business_key"),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.kind}"


class ProtectionMember(models.Model):
    """併せて支援を求める者."""

    id = models.BigAutoField(primary_key=True)
    protection = models.ForeignKey(Protection, on_delete=models.CASCADE, related_name="members")
    party = models.ForeignKey(Party, verbose_name="宛名", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "併せて支援を求める者"
        constraints = [models.UniqueConstraint(fields=["protection", "party"], name="protection_member_once")]

    def __str__(self) -> str:
        return f"{self.protection_id} {self.party_id}"


class ProtectionOpponent(models.Model):
    """ほかの相手方: further opponents beside the one the measure's own row names."""

    id = models.BigAutoField(primary_key=True)
    protection = models.ForeignKey(Protection, on_delete=models.CASCADE, related_name="more_opponents")
    name = models.CharField("加害者氏名", max_length=100)
    address = models.CharField("加害者住所", max_length=300, blank=True, default="")
    party = models.ForeignKey(
        Party, verbose_name="加害者の宛名", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "ほかの相手方"
        constraints = [
            models.UniqueConstraint(fields=["protection", "name", "address"], name="protection_opponent_once"),
        ]

    def __str__(self) -> str:
        return f"{self.protection_id} {self.party_id}"
