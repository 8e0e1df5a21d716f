"""宛名: the identity of a person, corporation or body, with its current values cached for searching."""

import os
import time
import uuid

from django.db import models

from addressbook.codes import PartyKind, PartyState, Sex


def new_party_id() -> uuid.UUID:
    """A fresh party id: time-ordered (so that bulk loads stay local in the index), the rest random.

    Never derived from the My Number or the person number (番号法ガイドライン 4-1-(1)1).
    """
    stamp = time.time_ns() // 1_000_000
    return uuid.UUID(bytes=stamp.to_bytes(6, "big") + os.urandom(10), version=4)


class Party(models.Model):
    """宛名. Current name, kana and state are caches of the newest `PartyVersion`; history is never read from here."""

    id = models.UUIDField(primary_key=True, default=new_party_id, editable=False)
    person_no = models.CharField("宛名番号", max_length=15, db_collation="C")
    kind = models.CharField("種別", max_length=24, choices=PartyKind.choices)
    name = models.CharField("氏名・名称", max_length=300)
    name_kana = models.CharField("カナ", max_length=300, blank=True, default="")
    name_key = models.CharField("氏名検索キー", max_length=300, blank=True, default="", db_collation="C")
    strict_key = models.CharField("カナ検索キー", max_length=300, blank=True, default="", db_collation="C")
    loose_key = models.CharField("カナあいまいキー", max_length=300, blank=True, default="", db_collation="C")
    birth_on = models.DateField("生年月日", null=True, blank=True)
    sex = models.CharField("性別", max_length=1, choices=Sex.choices, default=Sex.UNKNOWN)
    state = models.CharField("状態", max_length=12, choices=PartyState.choices)
    corporate_no = models.CharField("法人番号", max_length=13, null=True, blank=True, db_collation="C")
    merged_into = models.ForeignKey(
        "self", verbose_name="統合先", null=True, blank=True, on_delete=models.PROTECT, related_name="merged_parties"
    )
    recorded_at = models.DateTimeField("登録日時")

    class Meta:
        verbose_name = "宛名"
        # Constraints instead of unique=True: that would add a second index for LIKE, which C collation does not need.
        constraints = [
            models.UniqueConstraint(fields=["person_no"], name="party_person_no_once"),
            models.UniqueConstraint(fields=["corporate_no"], name="party_corporate_no_once"),
        ]
        indexes = [
            # C collation: an ordinary b-tree serves prefix searches (LIKE 'x%') too.
            models.Index(fields=["strict_key", "birth_on"], name="party_strict_birth"),
            models.Index(fields=["loose_key", "birth_on"], name="party_loose_birth"),
            models.Index(fields=["name_key"], name="party_name_key"),
            models.Index(fields=["birth_on"], name="party_birth"),
        ]

    def __str__(self) -> str:
        return self.person_no
