"""対象者と資料の検査: whom the run is about, and that each paper counts once and for its own person."""

from assessment.models import FindingSeverity
from assessment.resident.population_checks.model import PopulationCheck

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
        """SELECT max(party_id::text)::uuid AS party_id FROM run_paper
            GROUP BY document_id HAVING count(*) > 1""",
    ),
    PopulationCheck(
        "paper_is_ones_own",
        "採用した資料は本人に突合した有効な資料である",
        "I14・R-012",
        """SELECT f.party_id FROM run_paper AS f
            WHERE NOT EXISTS (
                  SELECT FROM assessment_sourcedocument AS d WHERE d.id = f.document_id AND d.party_id = f.party_id
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
        "premises_of_no_resident",
        "家屋敷等で課税する者が、市内の住民として別に課税されていない",
        "地方税法294条1項・I6",
        """SELECT f.party_id FROM assessment_residentfacts AS f JOIN addressbook_party AS p ON p.id = f.party_id
             JOIN addressbook_party AS o ON o.strict_key = p.strict_key AND o.birth_on = p.birth_on AND o.id <> p.id
             JOIN assessment_taxablepopulation AS t ON t.party_id = o.id AND t.tax_year = %(year)s
                  AND t.basis = 'resident'
            WHERE f.run_id = %(run)s AND f.has_local_premises AND p.strict_key <> ''""",
        "同じ人なら名寄せし、家屋敷等の登録を取り消してください。別人なら理由を付けて処理してください。",
        FindingSeverity.REVIEW,
    ),
    PopulationCheck(
        "stopped_rows",
        "計算を停止した者(決定されません)",
        "R-016",
        "SELECT party_id FROM assessment_residentresult WHERE run_id = %(run)s AND stop_code <> ''",
        "計算過程で停止の理由を確かめ、資料を直して計算し直すか、この者を除いて決定することを承認してください。",
        FindingSeverity.REVIEW,
    ),
    PopulationCheck(
        "merged_party",
        "名寄せで統合された宛名が残っていない(二重の課税)",
        "I6・R-012",
        """SELECT f.party_id FROM assessment_residentfacts AS f JOIN addressbook_party AS p ON p.id = f.party_id
            WHERE f.run_id = %(run)s AND p.merged_into_id IS NOT NULL""",
        "統合先の宛名で計算し直してください。",
    ),
    PopulationCheck(
        "only_people",
        "法人・団体の宛名に個人住民税を計算していない",
        "I14・地方税法294条",
        """SELECT f.party_id FROM assessment_residentfacts AS f JOIN addressbook_party AS p ON p.id = f.party_id
            WHERE f.run_id = %(run)s AND (p.kind = 'corporation' OR p.corporate_no IS NOT NULL)""",
        "資料の突合先を確かめ、正しい個人に付け替えてください。",
    ),
    PopulationCheck(
        "population_as_register",
        "賦課期日の対象者が住民記録と一致する(賦課期日前の死亡・転出)",
        "地方税法39条・318条",
        """SELECT f.party_id FROM assessment_residentfacts AS f
            WHERE f.run_id = %(run)s AND f.is_domiciled AND %(kind)s <> 'correction' AND NOT EXISTS (
                  SELECT FROM addressbook_partyversion AS v
                   WHERE v.party_id = f.party_id AND v.superseded_at IS NULL AND v.state = 'registered'
                         AND v.valid_from <= make_date(%(year)s, 1, 1)
                         AND (v.valid_to IS NULL OR v.valid_to > make_date(%(year)s, 1, 1)))""",
        "住民異動の履歴を確かめ、課税権のない者の資料を回送または返戻してください。",
    ),
    PopulationCheck(
        "decided_already",
        "新しい資料のない決定済の者を、もう一度決定しない(二重の通知)",
        "I6",
        # A paper that came and does not count (a one-stop notice beside a return) is a reason to look again, too.
        """SELECT f.party_id FROM assessment_residentfacts AS f
             JOIN assessment_sourcedocument AS s ON s.party_id = f.party_id AND s.tax_year = %(year)s
                  AND s.state = 'active' AND s.arrived_on <= %(until)s
             JOIN assessment_decision AS d ON d.party_id = f.party_id AND d.tax_kind = '10' AND d.tax_year = %(year)s
             JOIN assessment_assessmentrun AS r ON r.id = d.run_id AND r.state = 'released'
                  AND r.kind NOT IN ('moves', 'relief', 'replaced_law')
            WHERE f.run_id = %(run)s AND %(kind)s IN ('initial_wage', 'initial_ordinary')
            GROUP BY f.party_id HAVING max(r.documents_until) >= max(s.arrived_on)""",
        "計算の対象者の抽出条件を確かめてください。資料の訂正によるときは随時・更正で計算してください。",
    ),
)

PAPERS = (
    PopulationCheck(
        "paper_names_the_person",
        "採用した資料の生年月日が本人の生年月日である(別人の資料)",
        "I14・N-010",
        """SELECT f.party_id FROM run_paper AS f JOIN assessment_sourcedocument AS d ON d.id = f.document_id
             JOIN addressbook_party AS p ON p.id = f.party_id
            WHERE d.match_method <> 'manual'
                  AND d.birth_on <> p.birth_on""",
        "資料を開いて突合を取り消し、正しい本人に突合してください。",
    ),
    PopulationCheck(
        "paper_named_as_the_person",
        "採用した資料のカナ氏名が本人か同じ世帯の別人のものでない",
        "I14・N-010",
        """SELECT f.party_id FROM run_paper AS f JOIN assessment_sourcedocument AS d ON d.id = f.document_id
             JOIN addressbook_party AS own ON own.id = f.party_id
             JOIN addressbook_party AS other ON other.birth_on = d.birth_on AND other.name = d.name
             JOIN assessment_taxablepopulation AS t ON t.party_id = other.id AND t.tax_year = d.tax_year
            WHERE d.match_method <> 'manual'
                  AND other.id <> own.id AND d.name <> own.name""",
        "資料の氏名と生年月日は別の住民のものです。突合を取り消し、その住民に突合してください。",
    ),
    PopulationCheck(
        "paper_twice",
        "同じ支払者・同じ内容の資料を二重に合算していない",
        "I6・I8・F-PI-015",
        """SELECT f.party_id FROM run_paper AS f JOIN assessment_sourcedocument AS d ON d.id = f.document_id
            WHERE d.kind IN ('wage', 'pension')
            GROUP BY f.party_id, d.kind, d.withholder_id, d.business_key, d.items HAVING count(*) > 1""",
        "資料の一覧で二通を見比べ、重複した方を取り消してください。",
    ),
    PopulationCheck(
        "paper_before_its_year",
        "対象となる年が始まる前に届いた資料を使っていない(別の年度の資料)",
        "I10",
        """SELECT f.party_id FROM run_paper AS f JOIN assessment_sourcedocument AS d ON d.id = f.document_id
            WHERE d.arrived_on < make_date(%(year)s - 1, 1, 1)""",
        "受付日と課税年度を確かめ、別の年度の資料であれば取り消してください。",
    ),
    PopulationCheck(
        "same_as_last_year",
        "支払者の給与が前年とまったく同じでない(前年の報告の再送)",
        "I10",
        """SELECT w.party_id FROM assessment_withholder AS w
             JOIN (SELECT d.withholder_id, count(*) AS both_years,
                          count(*) FILTER (WHERE d.items -> 'wage_yen' = e.items -> 'wage_yen') AS same
                     FROM assessment_sourcedocument AS d
                     JOIN assessment_sourcedocument AS e ON e.party_id = d.party_id AND e.kind = 'wage'
                          AND e.withholder_id = d.withholder_id AND e.tax_year = d.tax_year - 1 AND e.state = 'active'
                    WHERE d.tax_year = %(year)s AND d.kind = 'wage' AND d.state = 'active'
                    GROUP BY d.withholder_id) AS one ON one.withholder_id = w.id
            WHERE one.both_years >= 3 AND one.same * 2 > one.both_years""",
        "支払者に連絡し、前年の報告書を再び送っていないか確かめてください。",
        FindingSeverity.REVIEW,
    ),
    PopulationCheck(
        "payer_silent",
        "前年に特別徴収した義務者のすべてから報告がある(報告の未着)",
        "R-016・地方税法317条の6",
        """SELECT DISTINCT w.party_id FROM assessment_decision AS d
             JOIN assessment_assessmentrun AS r ON r.id = d.run_id AND r.state = 'released'
             JOIN assessment_collectionshare AS s ON s.run_id = d.run_id AND s.party_id = d.party_id
                  AND s.method = 'wage'
             JOIN assessment_withholder AS w ON w.id = s.withholder_id
            WHERE d.tax_kind = '10' AND d.tax_year = %(year)s - 1 AND %(kind)s IN ('initial_wage', 'trial')
                  AND (w.valid_to IS NULL OR w.valid_to > %(on)s)
                  AND NOT EXISTS (SELECT FROM assessment_sourcedocument AS e
                                   WHERE e.withholder_id = w.id AND e.tax_year = %(year)s)""",
        "支払者に提出を求め、廃業等であれば指定を終了してください。",
        FindingSeverity.REVIEW,
    ),
)
