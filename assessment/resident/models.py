"""個人住民税の計算の表: facts and results of each run, one typed column per rule column.

The columns are generated from the rules' own column sets, so that table, rule, screen and notice speak of one thing;
the migration spells them out. Rows of a released run are the snapshot of its decisions and cannot change (trigger).
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import RESIDENT_RESULT
from taxsys.kernel.columns import Column


def _field(column: Column) -> models.Field:
    """Database field of a rule column: yen and scaled yen bigint, counts and codes integer, flags boolean."""
    if column.kind == "flag":
        return models.BooleanField(column.title_ja, default=bool(column.default))
    if column.kind in {"count", "code"}:
        return models.IntegerField(column.title_ja, default=column.default)
    return models.BigIntegerField(column.title_ja, default=column.default)


class RunRow(models.Model):
    """What every row of a run carries."""

    run = models.ForeignKey("assessment.AssessmentRun", on_delete=models.CASCADE, related_name="+")
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class ResidentFacts(RunRow):
    """課税の基礎となる事実 (RESIDENT_FACTS) of one person in one run, and the papers they came from."""

    document_ids = ArrayField(models.BigIntegerField(), verbose_name="採用した資料", default=list)

    class Meta:
        verbose_name = "課税の基礎となる事実"
        constraints = [models.UniqueConstraint(fields=("run", "party"), name="resident_facts_uq")]


class ResidentResult(RunRow):
    """計算結果 (RESIDENT_RESULT) of one person in one run. A row that a guard stopped has a code and no decision."""

    stop_code = models.CharField("停止コード", max_length=40, blank=True)
    stop_message_ja = models.CharField("停止理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "計算結果"
        constraints = [models.UniqueConstraint(fields=("run", "party"), name="resident_result_uq")]


for _column in RESIDENT_FACTS:
    ResidentFacts.add_to_class(_column.name, _field(_column))
for _column in RESIDENT_RESULT:
    ResidentResult.add_to_class(_column.name, _field(_column))
