"""全件検証の項目 (population checks): what must hold of every row of a run before anybody may release it.

Each is one set-based statement that finds the people with faulty rows, and names the incident or
the article that it guards. They read this duty's tables and those of the floors below. `%(run)s`, `%(year)s`,
`%(kind)s`, `%(until)s` and `%(on)s` (business day) come from the run; `%(first_bill_on)s` is the first due date.
"""

from dataclasses import dataclass

from assessment.models import FindingSeverity


@dataclass(frozen=True, slots=True)
class PopulationCheck:
    """`sql` selects `party_id` of every faulty row. A STOP is red; a REVIEW is listed and does not block."""

    id: str
    title_ja: str
    guards: str
    sql: str
    severity: str = FindingSeverity.STOP


_SOUND = "SELECT party_id FROM assessment_residentresult WHERE run_id = %(run)s AND stop_code = ''"

AMOUNTS = (
    PopulationCheck(
        "sum_of_parts",
        "年税額=市民税+道民税+森林環境税",
        "I3・I4",
        f"{_SOUND} AND annual_tax_yen <> city_tax_yen + prefectural_tax_yen + forest_tax_yen",
    ),
    PopulationCheck(
        "nothing_negative",
        "税額に負の額がない",
        "I4・地方税法20条の4の2",
        f"{_SOUND} AND least(city_tax_yen, prefectural_tax_yen, forest_tax_yen, annual_tax_yen) < 0",
    ),
    PopulationCheck(
        "base_in_thousands",
        "課税標準額は1,000円単位で負にならない",
        "地方税法20条の4の2第1項",
        f"{_SOUND} AND (taxable_income_yen < 0 OR taxable_income_yen %% 1000 <> 0)",
    ),
    PopulationCheck(
        "base_not_above_income",
        "課税標準額は総所得金額等を超えない",
        "I1・I4・地方税法314条の2",
        f"{_SOUND} AND taxable_income_yen > greatest(gross_income_yen, 0)",
    ),
    PopulationCheck(
        "levy_in_hundreds",
        "所得割額は100円単位で負にならない",
        "地方税法20条の4の2第3項",
        f"{_SOUND} AND (income_levy_city_yen < 0 OR income_levy_city_yen %% 100 <> 0"
        " OR income_levy_prefecture_yen < 0 OR income_levy_prefecture_yen %% 100 <> 0)",
    ),
    PopulationCheck(
        "exempt_pays_nothing",
        "人的非課税の者に税額がない",
        "地方税法295条1項",
        f"{_SOUND} AND is_exempt_person AND annual_tax_yen <> 0",
    ),
    PopulationCheck(
        "not_liable_pays_nothing",
        "均等割も所得割も非課税の者に市民税・道民税がない",
        "地方税法295条3項・附則3条の3",
        f"{_SOUND} AND NOT is_liable_per_capita AND NOT is_liable_income_levy"
        " AND city_tax_yen + prefectural_tax_yen <> 0",
    ),
    PopulationCheck(
        "salary_not_above_receipts",
        "給与所得は給与収入を超えない",
        "所得税法28条",
        """SELECT r.party_id FROM assessment_residentresult AS r JOIN assessment_residentfacts AS f
             ON f.run_id = r.run_id AND f.party_id = r.party_id
            WHERE r.run_id = %(run)s AND r.salary_income_yen > f.salary_receipts_yen""",
    ),
)

COLLECTION = (
    PopulationCheck(
        "shares_make_the_year",
        "普通徴収+給与特別徴収+年金特別徴収=年税額(市民税・道民税・森林環境税とも)",
        "I3・地方税法319条",
        """SELECT r.party_id FROM assessment_residentresult AS r
             LEFT JOIN (SELECT party_id, sum(city_yen) AS city_yen, sum(prefecture_yen) AS prefecture_yen,
                               sum(forest_yen) AS forest_yen, sum(total_yen) AS total_yen
                          FROM assessment_collectionshare WHERE run_id = %(run)s GROUP BY party_id) AS s
                  USING (party_id)
            WHERE r.run_id = %(run)s AND r.stop_code = ''
                  AND (r.city_tax_yen, r.prefectural_tax_yen, r.forest_tax_yen, r.annual_tax_yen) IS DISTINCT FROM
                      (coalesce(s.city_yen, 0), coalesce(s.prefecture_yen, 0), coalesce(s.forest_yen, 0),
                       coalesce(s.total_yen, 0))""",
    ),
    PopulationCheck(
        "instalments_make_the_share",
        "期別額・月割額の合計=徴収区分別税額",
        "I3・地方税法20条の4の2",
        """SELECT party_id FROM assessment_collectionshare WHERE run_id = %(run)s
                  AND (total_yen <> (SELECT sum(yen) FROM unnest(instalments) AS yen)
                       OR cardinality(instalments) <> cardinality(due_keys) OR 0 > ANY (instalments))""",
    ),
    PopulationCheck(
        "later_instalments_cut",
        "第2期以降の期別額は1,000円(月割額・年金は100円)単位",
        "地方税法20条の4の2第6項・第8項",
        """SELECT party_id FROM assessment_collectionshare WHERE run_id = %(run)s AND EXISTS (
                  SELECT FROM unnest(instalments[2:]) AS yen
                   WHERE yen %% CASE WHEN method = 'ordinary' THEN 1000 ELSE 100 END <> 0)""",
    ),
    PopulationCheck(
        "stopped_without_share",
        "計算を停止した者に徴収区分がない",
        "R-016",
        """SELECT s.party_id FROM assessment_collectionshare AS s JOIN assessment_residentresult AS r
             ON r.run_id = s.run_id AND r.party_id = s.party_id
            WHERE s.run_id = %(run)s AND r.stop_code <> ''""",
    ),
    PopulationCheck(
        "withholder_named_on_paper",
        "給与特別徴収の義務者は本人の給与支払報告書の支払者である",
        "I14・地方税法321条の4",
        """SELECT s.party_id FROM assessment_collectionshare AS s WHERE s.run_id = %(run)s AND s.method = 'wage'
              AND NOT EXISTS (SELECT FROM assessment_sourcedocument AS d WHERE d.party_id = s.party_id
                                 AND d.withholder_id = s.withholder_id AND d.kind = 'wage' AND d.state = 'active')""",
    ),
    PopulationCheck(
        "withholder_in_force",
        "給与特別徴収の義務者の指定が有効である",
        "I14・地方税法321条の4",
        """SELECT s.party_id FROM assessment_collectionshare AS s JOIN assessment_withholder AS w
             ON w.id = s.withholder_id
            WHERE s.run_id = %(run)s AND w.valid_to <= %(on)s""",
    ),
    PopulationCheck(
        "notice_ten_days_before_due",
        "納税通知書を第1期の納期限の10日前までに交付できる",
        "地方税法319条の2第3項",
        """SELECT party_id FROM assessment_collectionshare WHERE run_id = %(run)s AND method = 'ordinary'
              AND %(kind)s = 'initial_ordinary' AND %(on)s::date + 10 > %(first_bill_on)s::date""",
    ),
)

PEOPLE = (
    PopulationCheck(
        "everybody_with_papers",
        "事実のある者すべてに計算結果がある",
        "R-016",
        """SELECT f.party_id FROM assessment_residentfacts AS f LEFT JOIN assessment_residentresult AS r
             ON r.run_id = f.run_id AND r.party_id = f.party_id WHERE f.run_id = %(run)s AND r.id IS NULL""",
    ),
    PopulationCheck(
        "nobody_forgotten",
        "締切日までの資料のある者すべてが計算済か決定済である",
        "R-016",
        """SELECT party_id
             FROM (SELECT party_id, true AS has_paper, false AS is_done FROM assessment_sourcedocument
                    WHERE tax_year = %(year)s AND state = 'active' AND party_id IS NOT NULL AND arrived_on <= %(until)s
                          AND %(kind)s IN ('initial_ordinary', 'trial')
                   UNION ALL
                   SELECT party_id, false, true FROM assessment_residentfacts WHERE run_id = %(run)s
                   UNION ALL
                   SELECT party_id, false, true FROM assessment_decision
                    WHERE tax_kind = '10' AND tax_year = %(year)s) AS one
            GROUP BY party_id HAVING bool_or(has_paper) AND NOT bool_or(is_done)""",
    ),
    PopulationCheck(
        "paper_used_once",
        "一つの資料を二人に使っていない",
        "I14",
        """SELECT max(party_id::text)::uuid AS party_id FROM assessment_residentfacts, unnest(document_ids) AS document
            WHERE run_id = %(run)s GROUP BY document HAVING count(*) > 1""",
    ),
    PopulationCheck(
        "paper_is_ones_own",
        "採用した資料は本人に突合した有効な資料である",
        "I14・R-012",
        """SELECT f.party_id FROM assessment_residentfacts AS f, unnest(f.document_ids) AS document
            WHERE f.run_id = %(run)s AND NOT EXISTS (
                  SELECT FROM assessment_sourcedocument AS d WHERE d.id = document AND d.party_id = f.party_id
                     AND d.state = 'active' AND d.tax_year = %(year)s AND d.arrived_on <= %(until)s)""",
    ),
    PopulationCheck(
        "nobody_dead_before",
        "賦課期日前に死亡・転出した者がいない",
        "地方税法39条・318条",
        """SELECT f.party_id FROM assessment_residentfacts AS f
             LEFT JOIN assessment_taxablepopulation AS p ON p.party_id = f.party_id AND p.tax_year = %(year)s
            WHERE f.run_id = %(run)s AND f.is_domiciled AND p.id IS NULL""",
    ),
    PopulationCheck(
        "nobody_twice",
        "氏名カナ・生年月日・住所の同じ者が二人いない(二重の通知)",
        "I6",
        """SELECT max(p.id::text)::uuid AS party_id
             FROM assessment_residentfacts AS f JOIN addressbook_party AS p ON p.id = f.party_id
             JOIN addressbook_address AS a ON a.party_id = p.id AND a.superseded_at IS NULL AND a.valid_to IS NULL
                  AND a.kind = 'residence'
            WHERE f.run_id = %(run)s AND p.strict_key <> '' AND p.birth_on IS NOT NULL AND a.address_key <> ''
            GROUP BY p.strict_key, p.birth_on, a.address_key HAVING count(DISTINCT p.id) > 1""",
    ),
    PopulationCheck(
        "stopped_rows",
        "計算を停止した者(決定されません)",
        "R-016",
        "SELECT party_id FROM assessment_residentresult WHERE run_id = %(run)s AND stop_code <> ''",
        FindingSeverity.REVIEW,
    ),
)

_STANDING = """SELECT DISTINCT ON (d.party_id) d.party_id, d.notice_no, d.annual_yen, d.tax_kind, d.tax_year
                 FROM assessment_decision AS d JOIN assessment_assessmentrun AS r ON r.id = d.run_id
                WHERE d.tax_kind = '10' AND d.tax_year = %(year)s AND r.state = 'released'
                ORDER BY d.party_id, d.version DESC"""

BEFORE = (
    PopulationCheck(
        "one_notice_per_liability",
        "一人の一年分の通知書番号は一つ",
        "I6",
        """SELECT party_id FROM assessment_decision WHERE tax_kind = '10' AND tax_year = %(year)s
            GROUP BY party_id HAVING count(DISTINCT notice_no) > 1""",
    ),
    PopulationCheck(
        "notice_of_one_person",
        "一つの通知書番号は一人のもの",
        "I6・I14",
        """SELECT max(party_id::text)::uuid AS party_id FROM assessment_decision
            WHERE tax_kind = '10' AND tax_year = %(year)s
            GROUP BY notice_no HAVING count(DISTINCT party_id) > 1""",
    ),
    PopulationCheck(
        "levied_as_decided",
        "調定額=現に効力のある決定の年税額",
        "I2・I7・自治法231条",
        f"""SELECT party_id
              FROM (SELECT party_id, annual_yen AS yen FROM ({_STANDING}) AS standing
                    UNION ALL
                    SELECT d.party_id, -c.amount_yen FROM ({_STANDING}) AS d
                      JOIN collection_charge AS c ON c.notice_no = d.notice_no AND c.tax_kind_id = d.tax_kind
                           AND c.levy_year = d.tax_year AND c.tax_year = d.tax_year AND c.method <> 'wage'
                    UNION ALL
                    SELECT w.employee_id, -w.amount_yen FROM collection_withheldshare AS w
                      JOIN collection_charge AS c ON c.id = w.charge_id
                     WHERE c.tax_kind_id = '10' AND c.levy_year = %(year)s AND c.tax_year = %(year)s
                           AND w.amount_yen <> 0) AS one
             GROUP BY party_id HAVING sum(yen) <> 0""",  # noqa: S608 -- a constant of this module
    ),
)

CHECKS: tuple[PopulationCheck, ...] = (*AMOUNTS, *COLLECTION, *PEOPLE, *BEFORE)
