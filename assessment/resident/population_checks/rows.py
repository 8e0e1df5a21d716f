"""Staging of the adopted papers, and the one statement that asks every row check of every person of the run."""

from collections.abc import Sequence

from assessment.resident.population_checks.model import RowCheck

STAGE = (
    "DROP TABLE IF EXISTS run_paper",
    """CREATE TEMP TABLE run_paper ON COMMIT DROP AS
       SELECT party_id, document_id FROM assessment_residentfacts, unnest(document_ids) AS document_id
        WHERE run_id = %(run)s""",
    "ANALYZE run_paper",
)
"""`run_paper`: every adopted paper of the run with its person, for the row checks and the set checks."""
# The adopted papers of each person added up. A return stands alone (it is the only adopted income paper then).
_PAPERS = """
    SELECT f.party_id,
           bool_or(d.kind IN ('return', 'resident_return')) AS has_return,
           coalesce(sum((d.items ->> 'wage_yen')::bigint), 0) AS wages_yen,
           coalesce(sum((d.items ->> 'pension_yen')::bigint), 0) AS pensions_yen,
           array_agg(coalesce((d.items ->> 'previous_wage_yen')::bigint, 0)) AS previous_yen,
           array_agg(coalesce((d.items ->> 'previous_social_yen')::bigint, 0)) AS previous_social_yen,
           coalesce(sum(CASE WHEN d.kind = 'wage'
                             THEN greatest(coalesce((d.items ->> 'social_insurance_yen')::bigint, 0)
                                           - coalesce((d.items ->> 'small_mutual_yen')::bigint, 0), 0)
                             ELSE (d.items ->> 'social_insurance_yen')::bigint END), 0) AS social_yen,
           coalesce(sum(coalesce((d.items ->> 'business_income_yen')::bigint, 0)
                        + coalesce((d.items ->> 'farm_income_yen')::bigint, 0)
                        + coalesce((d.items ->> 'real_estate_income_yen')::bigint, 0)
                        + coalesce((d.items ->> 'misc_business_income_yen')::bigint, 0)
                        + coalesce((d.items ->> 'misc_other_income_yen')::bigint, 0)), 0) AS business_yen,
           coalesce(sum((d.items ->> 'hometown_donation_yen')::bigint), 0) AS hometown_yen,
           bool_or(d.relatives <> '[]'::jsonb OR d.items ?| ARRAY['dependants_general', 'dependants_specific',
                   'dependants_elderly', 'dependants_under_16', 'spouse_code', 'has_named_spouse'])
               AS names_relatives,
           bool_or(d.items ?| ARRAY['disability_code', 'is_widow', 'is_single_parent', 'is_working_student'])
               AS names_status,
           coalesce(sum((SELECT count(*) FROM jsonb_array_elements(d.relatives) AS one
                          WHERE one ->> 'role' NOT IN ('spouse', 'specific_relative')))
                    FILTER (WHERE d.relatives <> '[]'::jsonb), 0) AS listed_dependants
      FROM run_paper AS f JOIN assessment_sourcedocument AS d ON d.id = f.document_id
     GROUP BY f.party_id
"""


def rows_query(checks: Sequence[RowCheck]) -> str:
    """SQL that answers (party_id, check_id) of every fault; rows that a guard stopped are not asked."""
    some = "\n OR ".join(f"({check.faulty})" for check in checks)
    each = ", ".join(f"CASE WHEN {check.faulty} THEN '{check.id}' END" for check in checks)
    return f"""WITH paper AS MATERIALIZED ({_PAPERS})
        SELECT one.party_id, check_id
          FROM (SELECT r.party_id, ARRAY[{each}] AS ids
                  FROM assessment_residentresult AS r
                  JOIN assessment_residentfacts AS f ON f.run_id = r.run_id AND f.party_id = r.party_id
                  JOIN addressbook_party AS b ON b.id = r.party_id
                  LEFT JOIN assessment_taxablepopulation AS t ON t.party_id = r.party_id AND t.tax_year = %(year)s
                  LEFT JOIN paper AS p ON p.party_id = r.party_id
                 WHERE r.run_id = %(run)s AND r.stop_code = '' AND ({some})) AS one,
               unnest(one.ids) AS check_id
         WHERE check_id IS NOT NULL"""  # noqa: S608 -- put together from the conditions of this duty's own checks
