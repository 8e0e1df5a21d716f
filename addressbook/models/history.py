"""Bitemporal history: what was valid when, and what was known when.

Every row is valid on `valid_from <= day < valid_to` (`valid_to` empty = still) and known at
`recorded_at <= moment < superseded_at`. A correction closes rows and inserts new ones; nothing is overwritten.
Exclusion constraints (migration 0002) forbid two known rows of one party for the same day.
"""

import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from addressbook.codes import AddressKind, PartyState, Sex
from addressbook.models.party import Party


class BitemporalQuerySet(models.QuerySet):
    """Questions every bitemporal table answers."""

    def known(self, known_at: datetime.datetime | None = None) -> Self:
        """Rows as known at the moment given, or now."""
        if known_at is None:
            return self.filter(superseded_at__isnull=True)
        return self.filter(recorded_at__lte=known_at).filter(
            Q(superseded_at__isnull=True) | Q(superseded_at__gt=known_at)
        )

    def valid(self, on: datetime.date) -> Self:
        """Rows in force on the day given."""
        return self.filter(valid_from__lte=on).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))

    def as_of(self, on: datetime.date, known_at: datetime.datetime | None = None) -> Self:
        """Rows in force on `on`, as known at `known_at` (now if not given)."""
        return self.known(known_at).valid(on)


class Bitemporal(models.Model):
    """Base of the history tables."""

    id = models.BigAutoField(primary_key=True)
    party = models.ForeignKey(Party, verbose_name="宛名", on_delete=models.PROTECT, db_index=False)
    valid_from = models.DateField("有効開始日")
    valid_to = models.DateField("有効終了日", null=True, blank=True)
    recorded_at = models.DateTimeField("記録日時")
    superseded_at = models.DateTimeField("訂正日時", null=True, blank=True)
    source = models.CharField("入力元", max_length=30)
    source_seq = models.BigIntegerField("入力連番", null=True, blank=True)
    superseded_seq = models.BigIntegerField("訂正連番", null=True, blank=True)

    objects = BitemporalQuerySet.as_manager()

    class Meta:
        abstract = True


class PartyVersion(Bitemporal):
    """氏名・生年月日・住民状態の履歴."""

    name = models.CharField("氏名・名称", max_length=300)
    name_kana = models.CharField("カナ", max_length=300, blank=True, default="")
    former_surname = models.CharField("旧氏", max_length=50, blank=True, default="")
    alias = models.CharField("通称", max_length=100, blank=True, default="")
    birth_on = models.DateField("生年月日", null=True, blank=True)
    birth_text = models.CharField("生年月日不詳", max_length=72, blank=True, default="")
    sex = models.CharField("性別", max_length=1, choices=Sex.choices, default=Sex.UNKNOWN)
    state = models.CharField("状態", max_length=12, choices=PartyState.choices)
    resident_kind = models.CharField("住民種別", max_length=1, blank=True, default="")
    resident_since = models.DateField("住民となった日", null=True, blank=True)
    left_on = models.DateField("転出日", null=True, blank=True)
    died_on = models.DateField("死亡日", null=True, blank=True)
    previous_address_text = models.CharField("転入前住所", max_length=300, blank=True, default="")
    next_address_text = models.CharField("転出先住所", max_length=300, blank=True, default="")
    is_fallback_glyph = models.BooleanField("外字縮退", default=False)
    reason = models.CharField("異動事由", max_length=3, blank=True, default="")

    class Meta:
        verbose_name = "宛名履歴"
        indexes = [models.Index(fields=["party", "recorded_at"], name="partyversion_party")]

    def __str__(self) -> str:
        return f"{self.party_id} {self.valid_from}"


class Address(Bitemporal):
    """住所の履歴. `address_key` is the folded 町字+番地 by which source documents are compared."""

    kind = models.CharField("種別", max_length=12, choices=AddressKind.choices, default=AddressKind.RESIDENCE)
    municipality_code = models.CharField("市区町村コード", max_length=6, blank=True, default="")
    town_code = models.CharField("町字コード", max_length=7, blank=True, default="", db_collation="C")
    lot_text = models.CharField("番地", max_length=100, blank=True, default="")
    building_text = models.CharField("方書", max_length=300, blank=True, default="")
    zip = models.CharField("郵便番号", max_length=7, blank=True, default="")
    full_text = models.CharField("住所", max_length=400)
    address_key = models.CharField("住所照合キー", max_length=400, blank=True, default="", db_collation="C")

    class Meta:
        verbose_name = "住所"
        indexes = [
            models.Index(fields=["party", "recorded_at"], name="address_party"),
            models.Index(fields=["address_key"], name="address_key", condition=Q(superseded_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.valid_from}"


class HouseholdMembership(Bitemporal):
    """世帯構成の履歴."""

    household_no = models.CharField("世帯番号", max_length=15, db_collation="C")
    relation_code = models.CharField("続柄", max_length=8, blank=True, default="")
    is_head = models.BooleanField("世帯主", default=False)

    class Meta:
        verbose_name = "世帯構成"
        indexes = [
            models.Index(fields=["party", "recorded_at"], name="household_party"),
            models.Index(fields=["household_no"], name="household_no"),
        ]

    def __str__(self) -> str:
        return f"{self.household_no} {self.party_id}"
