"""全件検証: checks over the whole population of a run before anybody may release it.

Each is one set-based statement that counts faulty rows, and names the incident or the article that it guards. They
read tables of this duty only; a red one blocks the release (CONVENTIONS §6, incidents I1, I3, I6).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from assessment.models import AssessmentRun
from taxsys.platform.jobs.declaration import GateResult


@dataclass(frozen=True, slots=True)
class PopulationCheck:
    """`sql` counts the faulty rows of run %(run)s."""

    id: str
    title_ja: str
    guards: str
    sql: str


CHECKS: tuple[PopulationCheck, ...] = (
    PopulationCheck(
        "sum_of_parts",
        "年税額=市民税+道民税+森林環境税",
        "I3・I4",
        "SELECT count(*) FROM assessment_residentresult WHERE run_id = %(run)s AND stop_code = ''"
        " AND annual_tax_yen <> city_tax_yen + prefectural_tax_yen + forest_tax_yen",
    ),
    PopulationCheck(
        "shares_make_the_year",
        "徴収区分別税額の合計=年税額",
        "I3・地方税法319条",
        "SELECT count(*) FROM assessment_residentresult r LEFT JOIN"
        " (SELECT party_id, sum(total_yen) AS yen FROM assessment_collectionshare WHERE run_id = %(run)s GROUP BY 1) s"
        " ON s.party_id = r.party_id WHERE r.run_id = %(run)s AND r.stop_code = ''"
        " AND r.annual_tax_yen <> COALESCE(s.yen, 0)",
    ),
    PopulationCheck(
        "instalments_make_the_share",
        "期別額・月割額の合計=徴収区分別税額",
        "I3・地方税法20条の4の2",
        "SELECT count(*) FROM assessment_collectionshare WHERE run_id = %(run)s"
        " AND total_yen <> (SELECT sum(yen) FROM unnest(instalments) AS yen)",
    ),
    PopulationCheck(
        "base_in_thousands",
        "課税標準額は1,000円単位で負にならない",
        "地方税法20条の4の2第1項",
        "SELECT count(*) FROM assessment_residentresult WHERE run_id = %(run)s AND stop_code = ''"
        " AND (taxable_income_yen < 0 OR taxable_income_yen %% 1000 <> 0)",
    ),
    PopulationCheck(
        "levy_in_hundreds",
        "所得割額は100円単位で負にならない",
        "地方税法20条の4の2第3項",
        "SELECT count(*) FROM assessment_residentresult WHERE run_id = %(run)s AND stop_code = ''"
        " AND (income_levy_city_yen < 0 OR income_levy_city_yen %% 100 <> 0"
        " OR income_levy_prefecture_yen < 0 OR income_levy_prefecture_yen %% 100 <> 0)",
    ),
    PopulationCheck(
        "exempt_pays_nothing",
        "人的非課税の者に税額がない",
        "地方税法295条1項",
        "SELECT count(*) FROM assessment_residentresult WHERE run_id = %(run)s AND is_exempt_person"
        " AND annual_tax_yen <> 0",
    ),
    PopulationCheck(
        "salary_not_above_receipts",
        "給与所得は給与収入を超えない",
        "所得税法28条",
        "SELECT count(*) FROM assessment_residentresult r JOIN assessment_residentfacts f"
        " ON f.run_id = r.run_id AND f.party_id = r.party_id WHERE r.run_id = %(run)s"
        " AND r.salary_income_yen > f.salary_receipts_yen",
    ),
    PopulationCheck(
        "everybody_with_papers",
        "事実のある者すべてに計算結果がある",
        "R-016",
        "SELECT count(*) FROM assessment_residentfacts f LEFT JOIN assessment_residentresult r"
        " ON r.run_id = f.run_id AND r.party_id = f.party_id WHERE f.run_id = %(run)s AND r.id IS NULL",
    ),
    PopulationCheck(
        "paper_used_once",
        "一つの資料を二人に使っていない",
        "I14",
        "SELECT count(*) FROM (SELECT document FROM assessment_residentfacts, unnest(document_ids) AS document"
        " WHERE run_id = %(run)s GROUP BY document HAVING count(*) > 1) AS twice",
    ),
    PopulationCheck(
        "withholder_named_on_paper",
        "給与特別徴収の義務者は本人の給与支払報告書の支払者である",
        "I14・地方税法321条の4",
        "SELECT count(*) FROM assessment_collectionshare s WHERE s.run_id = %(run)s AND s.method = 'wage'"
        " AND NOT EXISTS (SELECT 1 FROM assessment_sourcedocument d WHERE d.party_id = s.party_id"
        " AND d.withholder_id = s.withholder_id AND d.kind = 'wage')",
    ),
    PopulationCheck(
        "nobody_dead_before",
        "賦課期日前に死亡・転出した者がいない",
        "地方税法39条・318条",
        "SELECT count(*) FROM assessment_residentfacts f JOIN assessment_assessmentrun run ON run.id = f.run_id"
        " LEFT JOIN assessment_taxablepopulation p ON p.party_id = f.party_id AND p.tax_year = run.tax_year"
        " WHERE f.run_id = %(run)s AND f.is_domiciled AND p.id IS NULL",
    ),
)


def run_checks(run: AssessmentRun) -> Iterator[GateResult]:
    """Every check over the run, in order."""
    with connection.cursor() as cursor:
        for check in CHECKS:
            cursor.execute(check.sql, {"run": run.pk})
            count = int(cursor.fetchone()[0])
            yield GateResult(
                id=check.id,
                title_ja=check.title_ja,
                ok=count == 0,
                count=count,
                detail_ja="" if count == 0 else f"{count:,}件が条件を満たしません。",
                guards=check.guards,
            )
