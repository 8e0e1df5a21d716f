"""既決定・調定の検査: decisions and levies that stand beside the run."""

from assessment.resident.population_checks.model import PopulationCheck

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
