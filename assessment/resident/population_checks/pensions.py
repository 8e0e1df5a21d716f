"""年金特別徴収の検査: the six months restated from the 仮徴収 levied and this year's tax on the pension."""

from assessment.models import FindingSeverity
from assessment.resident.population_checks.model import PopulationCheck

# This year's pension share with the 仮徴収 levied and a stop, where there are any. 令和6's pattern is checked apart.
_SHARES = """SELECT s.party_id FROM assessment_collectionshare AS s
             LEFT JOIN pensions_provisionallevy AS v
                  ON v.party_id = s.party_id AND v.tax_year = %(year)s AND v.levied_on IS NOT NULL
             LEFT JOIN pensions_pensionstop AS p
                  ON p.party_id = s.party_id AND p.tax_year = %(year)s AND p.state = 'active'
            WHERE s.run_id = %(run)s AND s.method = 'pension' AND %(kind)s LIKE 'initial%%' AND p.id IS NULL
              AND NOT %(reduction_pattern)s AND """
_REMEDY = "前年度の決定、仮徴収、年金の中止を確かめてから計算し直してください。"
_WITHHELD = "(v.instalments[1] + v.instalments[2] + v.instalments[3])"

PENSIONS = (
    PopulationCheck(
        "pension_provisional_as_levied",
        "4月・6月・8月の額は調定済の仮徴収税額(仮徴収のない人は0円)",
        "I3・地方税法321条の7の8",
        _SHARES
        + f"""coalesce({_WITHHELD}, 0) <= s.total_yen
              AND s.instalments[1:3] <> coalesce(v.instalments, ARRAY[0, 0, 0]::bigint[])""",
        _REMEDY,
    ),
    PopulationCheck(
        "pension_regular_is_the_rest",
        "本徴収=(年金分−仮徴収)を10月・12月・2月に割り、12月・2月は100円単位の同額",
        "I3・地方税法321条の7の8",
        _SHARES
        + f"""v.id IS NOT NULL AND {_WITHHELD} <= s.pension_tax_yen AND NOT (
              s.total_yen = s.pension_tax_yen AND s.instalments[5] = s.instalments[6]
              AND s.instalments[5] = (s.pension_tax_yen - {_WITHHELD}) / 3 / %(pension_unit)s * %(pension_unit)s
              AND s.instalments[4] = s.pension_tax_yen - {_WITHHELD} - s.instalments[5] * 2)""",
        _REMEDY,
    ),
    PopulationCheck(
        "pension_below_provisional",
        "年金分が仮徴収を下回る人は本徴収がなく、仮徴収が年金分まで減る",
        "I3・地方税法321条の7の8",
        _SHARES
        + f"""v.id IS NOT NULL AND {_WITHHELD} > s.pension_tax_yen AND NOT (
              s.total_yen = s.pension_tax_yen AND s.instalments[4:6] = ARRAY[0, 0, 0]::bigint[]
              AND s.instalments[1] <= v.instalments[1] AND s.instalments[2] <= v.instalments[2]
              AND s.instalments[3] <= v.instalments[3])""",
        _REMEDY,
    ),
    PopulationCheck(
        "pension_first_year_half",
        "初年度は年金分の半分を10月・12月・2月に割る(12月・2月は100円単位の同額)",
        "I3・地方税法321条の7の2第3項",
        # City's and prefecture's halves are cut each by itself: two yen at most.
        _SHARES
        + """v.id IS NULL AND NOT (
              s.total_yen BETWEEN s.pension_tax_yen / 2 - 1 AND s.pension_tax_yen / 2
              AND s.instalments[5] = s.instalments[6]
              AND s.instalments[5] = s.total_yen / 3 / %(pension_unit)s * %(pension_unit)s)""",
        _REMEDY,
    ),
    PopulationCheck(
        "pension_first_year_bills",
        "初年度に普通徴収する年金分の半分は1期・2期にあり、他の税額は4期に等分されている",
        "I3・地方税法321条の7の2第3項",
        """SELECT b.party_id FROM assessment_collectionshare AS b
             JOIN assessment_collectionshare AS s
                  ON s.run_id = b.run_id AND s.party_id = b.party_id AND s.method = 'pension'
             JOIN assessment_residentresult AS r ON r.run_id = b.run_id AND r.party_id = b.party_id
            WHERE b.run_id = %(run)s AND b.method = 'ordinary' AND %(kind)s LIKE 'initial%%'
              AND NOT %(reduction_pattern)s AND s.total_yen < s.pension_tax_yen
              AND NOT EXISTS (SELECT FROM pensions_provisionallevy AS v WHERE v.party_id = s.party_id
                                 AND v.tax_year = %(year)s AND v.levied_on IS NOT NULL)
              AND b.total_yen > r.per_capita_city_yen + r.per_capita_prefecture_yen + r.forest_tax_yen
              AND NOT (b.instalments[3] = b.instalments[4]
                       AND b.instalments[3] = (b.total_yen - s.pension_tax_yen + s.total_yen)
                           / 4 / %(bill_unit)s * %(bill_unit)s
                       AND b.instalments[2] = b.instalments[3]
                           + (s.pension_tax_yen - s.total_yen) / %(pension_bill_terms)s / %(bill_unit)s * %(bill_unit)s
                       AND b.instalments[1] = b.total_yen - b.instalments[2] - b.instalments[3] * 2)""",
        _REMEDY,
    ),
    PopulationCheck(
        "provisional_has_result",
        "仮徴収をした人に、この年度の計算結果がある(年金の報告の漏れ)",
        "R-153・地方税法321条の7の8",
        """SELECT v.party_id FROM pensions_provisionallevy AS v
            WHERE v.tax_year = %(year)s AND v.levied_on IS NOT NULL AND %(kind)s = 'initial_ordinary'
              AND NOT EXISTS (SELECT FROM assessment_residentresult AS r
                               WHERE r.run_id = %(run)s AND r.party_id = v.party_id)
              AND NOT EXISTS (SELECT FROM assessment_decision AS d WHERE d.party_id = v.party_id
                                 AND d.tax_kind = '10' AND d.tax_year = %(year)s)""",
        "公的年金等支払報告書を取り込んでから計算し直すか、資料のない理由を記録してください。",
        severity=FindingSeverity.REVIEW,
    ),
)
