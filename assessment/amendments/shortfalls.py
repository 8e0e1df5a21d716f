"""配当割額等の控除不足額の充当・還付 (B-PI-19-H): the books follow the decisions in force, people in chunks.

Whoever's shortfall differs from what stands credited is settled: 充当 to the year's instalments as the law sets off,
the rest to the refund desk; a shortfall that fell (correction, recall) is taken or claimed back. F-PC-017;
地方税法314条の9.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db import connection, transaction

from assessment.amendments.limits import statutory_due_on
from assessment.models import RunKind
from assessment.permissions import RUN_ASSESSMENT
from assessment.resident.levying import terms_on
from assessment.resident.runs import TAX_KIND
from collection.services.withheld_credits import Shortfall, shortfall_settle
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Job, Param, Payload, Stage

CHUNK_PERSONS = 200
# Of each notice the decision that stands (0 yen where all were recalled) beside what the books have credited.
_DIFFERING = """
    WITH standing AS (
        SELECT DISTINCT ON (d.party_id) d.party_id, d.notice_no, d.version, d.run_id
          FROM assessment_decision d JOIN assessment_assessmentrun r ON r.id = d.run_id
         WHERE d.tax_kind = %(kind)s AND d.tax_year = %(year)s AND r.state = 'released' AND r.kind <> %(taken_over)s
         ORDER BY d.party_id, d.version DESC),
    wanted AS (
        SELECT s.party_id, s.notice_no, s.version, r.withheld_shortfall_yen AS yen, r.withheld_offset_yen AS offset_yen
          FROM standing s JOIN assessment_residentresult r ON r.run_id = s.run_id AND r.party_id = s.party_id),
    credited AS (
        SELECT split_part(external_key, ':', 3) AS notice_no, sum(amount_yen) AS yen
          FROM collection_receipt
         WHERE channel = 'withheld' AND state = 'confirmed' AND external_key LIKE %(prefix)s GROUP BY 1),
    claimed AS (
        SELECT notice_no, sum(amount_yen) AS yen FROM collection_charge
         WHERE tax_kind_id = '19' AND tax_year = %(year)s GROUP BY 1),
    known AS (
        SELECT DISTINCT ON (d.notice_no) d.party_id, d.notice_no, d.version
          FROM assessment_decision d JOIN credited c USING (notice_no)
         WHERE d.tax_kind = %(kind)s AND d.tax_year = %(year)s ORDER BY d.notice_no, d.version DESC)
    SELECT p.person_no, coalesce(w.party_id, k.party_id), notice_no, coalesce(w.version, k.version),
           coalesce(w.yen, 0), coalesce(w.offset_yen, 0)
      FROM wanted w FULL JOIN known k USING (notice_no) LEFT JOIN credited c USING (notice_no)
      LEFT JOIN claimed b USING (notice_no)
      JOIN addressbook_party p ON p.id = coalesce(w.party_id, k.party_id)
     WHERE coalesce(w.yen, 0) <> coalesce(c.yen, 0) - coalesce(b.yen, 0)
       AND (%(people)s::uuid[] IS NULL OR coalesce(w.party_id, k.party_id) = ANY (%(people)s::uuid[]))
     ORDER BY p.person_no"""


def shortfalls_differing(
    tax_year: int, party_ids: Sequence[UUID] | None = None
) -> list[tuple[str, UUID, str, int, int, int]]:
    """(宛名番号, party, notice number, version, shortfall, of it offset) of everybody whose books say otherwise."""
    with connection.cursor() as cursor:
        cursor.execute(
            _DIFFERING,
            {
                "kind": TAX_KIND, "year": tax_year, "taken_over": RunKind.TAKEN_OVER,
                "prefix": f"{TAX_KIND}:{tax_year}:%", "people": list(party_ids) if party_ids is not None else None,
            },
        )  # fmt: skip
        return cursor.fetchall()


@transaction.atomic
def shortfalls_settle(tax_year: int, party_ids: Sequence[UUID], *, day: date, actor: str) -> dict[str, int]:
    """Settle these people's shortfalls. Idempotent by the books themselves. Answers counts and yen."""
    counts = {"対象": 0, "充当": 0, "還付待ち": 0, "取戻し": 0, "返納": 0}
    for _, party, notice_no, version, yen, offset_yen in shortfalls_differing(tax_year, party_ids):
        done = shortfall_settle(
            Shortfall(
                party, TAX_KIND, tax_year, notice_no, version, yen, offset_yen, statutory_due_on(tax_year),
                terms_on(day).extra_due_on(),
            ),
            occurred_on=day,
            actor=actor,
        )  # fmt: skip
        counts["対象"] += 1
        counts["充当"] += done.offset_yen
        counts["還付待ち"] += done.surplus_yen
        counts["取戻し"] += done.taken_back_yen
        counts["返納"] += done.claimed_yen
    return counts


def _plan(ctx: JobContext) -> Iterable[Payload]:
    people = [str(row[1]) for row in shortfalls_differing(int(ctx.params["tax_year"]))]
    ctx.log(f"控除不足額が台帳と違う者 {len(people):,}人")
    return [{"people": people[start : start + CHUNK_PERSONS]} for start in range(0, len(people), CHUNK_PERSONS)]


def _step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    return shortfalls_settle(
        int(ctx.params["tax_year"]),
        [UUID(party) for party in payload["people"]],
        day=ctx.business_on,
        actor="job:B-PI-19-H",
    )


SHORTFALL_JOB = Job(
    id="B-PI-19-H",
    name_ja="配当割額等控除不足額の充当・還付",
    app="assessment",
    params=(Param("tax_year", "int", name_ja="課税年度"),),
    scope="resident.run.{tax_year}",
    stages=(Stage("充当・過誤納への計上", _plan, _step),),
    permission=RUN_ASSESSMENT,
    legal_base="地方税法314条の9第3項・37条の4第3項",
    description_ja="決定した控除不足額を、その年度の期別に充当し、残りを還付・充当の画面に回します。更正・撤回で減った額は"
    "取り戻し、還付済の額は返納金として調定します。納付書の発行の前に実行してください。",
    recovery_ja="途中で止まったときは再開してください。同じ額が二度充当されることはありません。",
)
