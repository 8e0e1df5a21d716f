"""決定の撤回 in sets: the instalments a run had found when it changed them, and the messages about its decisions."""

from django.db import connection

from assessment.models import AssessmentRun
from collection.bulk.levy import LevyQuery
from taxsys.platform import clock


def levies_before(run: AssessmentRun) -> LevyQuery:
    """Instalments of people with an earlier decision or a 仮徴収, as they stood before the run changed them."""
    # The only value in the text is the run's own number.
    return LevyQuery(
        f"""SELECT concat_ws(':', 'decision', l.party_id, r.tax_year), l.debtor_id, r.tax_kind, r.tax_year, r.tax_year,
                   l.method, l.notice_no, l.instalment_no, l.due_on, l.statutory_due_on, l.city_before_yen,
                   l.prefecture_before_yen, l.forest_before_yen,
                   CASE WHEN l.method = 'wage' THEN l.party_id END
              FROM assessment_levychange AS l JOIN assessment_assessmentrun AS r ON r.id = l.run_id
              JOIN assessment_decision AS d ON d.run_id = l.run_id AND d.party_id = l.party_id
              LEFT JOIN assessment_decision AS b ON b.id = d.previous_id
              LEFT JOIN assessment_assessmentrun AS q ON q.id = b.run_id AND q.state = 'released'
              LEFT JOIN pensions_provisionallevy AS v
                   ON v.party_id = l.party_id AND v.tax_year = r.tax_year AND v.levied_on IS NOT NULL
             WHERE l.run_id = {int(run.pk)} AND (q.id IS NOT NULL OR v.id IS NOT NULL)"""  # noqa: S608
    )


def decisions_told_again(run: AssessmentRun) -> int:
    """One message a decision of the run, so that copies and feeds read anew what stands. Answers their number."""
    with connection.cursor() as cursor:
        # Set-based: a run has as many decisions as the city has taxpayers.
        cursor.execute(
            """INSERT INTO outbox_outboxmessage (topic, subject_key, payload, dedupe_key, created_at)
               SELECT 'copy.changed', d.party_id::text,
                      jsonb_build_object('tax_year', d.tax_year, 'version', d.version, 'recalled', true),
                      concat_ws(':', 'copy', d.party_id, d.tax_year, d.version, 'recalled'), %s
                 FROM assessment_decision AS d WHERE d.run_id = %s ORDER BY d.id
               ON CONFLICT (topic, dedupe_key) DO NOTHING""",
            [clock.now(), run.pk],
        )
        return int(cursor.rowcount)
