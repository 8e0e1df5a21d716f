"""名寄せ: candidates for being the same person, and merges that can be taken back."""

from django.db import models

from addressbook.codes import CandidateState
from addressbook.models.party import Party


class MergeCandidate(models.Model):
    """名寄せ候補. `evidence` names which keys agreed; values are not repeated."""

    id = models.BigAutoField(primary_key=True)
    party = models.ForeignKey(Party, verbose_name="宛名", on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Party, verbose_name="候補", on_delete=models.PROTECT, related_name="+")
    score = models.IntegerField("一致度")
    evidence = models.JSONField("根拠")
    state = models.CharField("状態", max_length=10, choices=CandidateState.choices, default=CandidateState.OPEN)
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "名寄せ候補"
        constraints = [models.UniqueConstraint(fields=["party", "other"], name="mergecandidate_pair")]

    def __str__(self) -> str:
        return f"{self.party_id} {self.other_id}"


class MergeLink(models.Model):
    """統合. `split_at` set = taken back (分離)."""

    id = models.BigAutoField(primary_key=True)
    merged = models.ForeignKey(Party, verbose_name="統合された宛名", on_delete=models.PROTECT, related_name="+")
    survivor = models.ForeignKey(Party, verbose_name="統合先", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField("理由", max_length=200)
    evidence = models.JSONField("根拠", default=dict)
    merged_at = models.DateTimeField("統合日時")
    split_at = models.DateTimeField("分離日時", null=True, blank=True)
    moved_number = models.BooleanField("番号を移した", default=False)

    class Meta:
        verbose_name = "統合"
        constraints = [
            models.UniqueConstraint(
                fields=["merged"], name="mergelink_once", condition=models.Q(split_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} {self.survivor_id}"
