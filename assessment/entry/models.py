"""紙の資料の入力と、二人入力（ダブルキー）の束 (R-177, R-178, F-PI-006).

A bundle is a stack of papers of one form. Two people key every paper without seeing each other's values; only papers on
which both agree, or on whose differences a third has decided, become source documents.
"""

import uuid

from django.db import models
from django.db.models import F, Q

from assessment.sources.models import SourceDocument


class EntryBundle(models.Model):
    """束: papers of one form and year, handed to two keyers by name."""

    title = models.CharField("件名", max_length=100)
    form_code = models.CharField("様式", max_length=20)
    tax_year = models.PositiveSmallIntegerField("課税年度")
    arrived_on = models.DateField("受付日")
    paper_count = models.PositiveIntegerField("枚数")
    # The row of the ledger of papers handed out (受払簿), where they went to a contractor.
    ledger_row = models.ForeignKey(
        "registers.RegisterRow", on_delete=models.PROTECT, null=True, related_name="+", verbose_name="受払簿"
    )
    first_keyer = models.ForeignKey("staff.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="一人目")
    second_keyer = models.ForeignKey("staff.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="二人目")
    made_by = models.ForeignKey("staff.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="作成した人")
    made_at = models.DateTimeField("作成日時")
    closed_at = models.DateTimeField("完了日時", null=True)

    class Meta:
        verbose_name = "入力の束"
        ordering = ("-made_at", "title")
        constraints = [
            models.CheckConstraint(condition=~Q(first_keyer=F("second_keyer")), name="entry_bundle_two_keyers_ck"),
            models.CheckConstraint(condition=Q(paper_count__gt=0), name="entry_bundle_has_papers_ck"),
        ]

    def __str__(self) -> str:
        return self.title


class PaperState(models.TextChoices):
    WAITING = "waiting", "入力待ち"
    DIFFERS = "differs", "相違あり"
    AGREED = "agreed", "一致・登録済"
    UNREADABLE = "unreadable", "未入力で戻し"


class BundlePaper(models.Model):
    """束の中の一枚: its place in the stack, and what became of it."""

    bundle = models.ForeignKey(EntryBundle, on_delete=models.PROTECT, related_name="papers", verbose_name="束")
    seq = models.PositiveIntegerField("何枚目")
    state = models.CharField("状態", max_length=12, choices=PaperState.choices, default=PaperState.WAITING)
    # Names of boxes on which the two did not agree: how well is keyed, without what was keyed.
    differing = models.JSONField("相違した欄", default=list)
    decided_by = models.ForeignKey(
        "staff.Staff", on_delete=models.PROTECT, null=True, related_name="+", verbose_name="相違を決めた人"
    )
    decided_at = models.DateTimeField("決めた日時", null=True)
    reason = models.CharField("理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "束の中の一枚"
        ordering = ("bundle", "seq")
        constraints = [models.UniqueConstraint(fields=("bundle", "seq"), name="entry_paper_seq_uq")]
        indexes = [models.Index(fields=("state",), name="entry_paper_state_ix")]

    def __str__(self) -> str:
        return f"{self.bundle_id} {self.seq}"


class Keying(models.Model):
    """入力した内容 of one person for one paper; nobody but who decides a difference ever sees it again."""

    paper = models.ForeignKey(BundlePaper, on_delete=models.PROTECT, related_name="keyings", verbose_name="一枚")
    turn = models.PositiveSmallIntegerField("何人目")
    values = models.JSONField("入力した内容", default=dict)
    is_unreadable = models.BooleanField("入力できない", default=False)
    keyed_by = models.ForeignKey("staff.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="入力した人")
    keyed_at = models.DateTimeField("入力日時")

    class Meta:
        verbose_name = "束の入力"
        ordering = ("paper", "turn")
        constraints = [
            models.UniqueConstraint(fields=("paper", "turn"), name="entry_keying_once_per_turn_uq"),
            models.UniqueConstraint(fields=("paper", "keyed_by"), name="entry_keying_once_per_person_uq"),
            models.CheckConstraint(condition=Q(turn__in=(1, 2)), name="entry_keying_turn_ck"),
        ]

    def __str__(self) -> str:
        return f"{self.paper_id}/{self.turn}"


class PaperEntry(models.Model):
    """紙から入力した資料: which document came from which paper, by whom, and what was kept against a warning."""

    entry_no = models.BigAutoField("入力番号", primary_key=True)
    # Given with the empty page: the same page sent twice is one entry.
    key = models.UUIDField("画面の番号", unique=True, default=uuid.uuid4)
    form_code = models.CharField("様式", max_length=20)
    document = models.OneToOneField(
        SourceDocument, on_delete=models.PROTECT, null=True, related_name="entry", verbose_name="課税資料"
    )
    paper = models.OneToOneField(
        BundlePaper, on_delete=models.PROTECT, null=True, related_name="entry", verbose_name="束の中の一枚"
    )
    kept_warnings = models.JSONField("確かめて残した注意", default=list)
    entered_by = models.ForeignKey("staff.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="登録した人")
    entered_at = models.DateTimeField("登録日時")

    class Meta:
        verbose_name = "紙からの入力"
        ordering = ("-entry_no",)

    def __str__(self) -> str:
        return str(self.entry_no)
