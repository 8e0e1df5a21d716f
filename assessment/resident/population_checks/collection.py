"""徴収区分の検査: how each person's tax is to be collected, and by whom."""

from assessment.resident.population_checks.model import PopulationCheck

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
        """SELECT party_id FROM assessment_collectionshare WHERE run_id = %(run)s
              AND NOT (%(reduction_pattern)s AND EXISTS (
                  SELECT FROM assessment_residentresult AS r
                   WHERE r.run_id = %(run)s AND r.party_id = assessment_collectionshare.party_id
                         AND r.fixed_reduction_city_yen + r.fixed_reduction_prefecture_yen > 0))
              AND EXISTS (
                  SELECT FROM unnest(instalments[2:]) WITH ORDINALITY AS month (yen, place)
                   WHERE CASE method WHEN 'ordinary' THEN yen %% %(bill_unit)s <> 0
                                     WHEN 'wage' THEN yen %% %(wage_unit)s <> 0
                                     -- April and October of a pension take the odd yen; what is cut or kept at a stop
                                     -- has any amount.
                                     ELSE place <> 3 AND instalments[4] > 0 AND yen %% %(pension_unit)s <> 0 END)""",
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
        "給与特別徴収の義務者は本人の給与支払報告書の支払者、または異動届の新しい勤め先である",
        "I14・地方税法321条の4・321条の5",
        """SELECT s.party_id FROM assessment_collectionshare AS s WHERE s.run_id = %(run)s AND s.method = 'wage'
              AND NOT EXISTS (SELECT FROM assessment_sourcedocument AS d WHERE d.party_id = s.party_id
                                 AND d.withholder_id = s.withholder_id AND d.kind = 'wage' AND d.state = 'active')
              AND NOT EXISTS (SELECT FROM assessment_employmentchange AS c WHERE c.party_id = s.party_id
                                 AND c.tax_year = %(year)s AND c.new_withholder_id = s.withholder_id
                                 AND c.state = 'active')""",
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
    PopulationCheck(
        "withholder_by_method",
        "給与特別徴収にだけ特別徴収義務者がある",
        "I14・地方税法321条の4",
        """SELECT party_id FROM assessment_collectionshare WHERE run_id = %(run)s
              AND (method = 'wage') <> (withholder_id IS NOT NULL)""",
        "本人の給与支払報告書の指定番号を確かめてから計算し直してください。",
    ),
    PopulationCheck(
        "withholder_kept",
        "特別徴収の対象となる給与所得者に給与特別徴収の税額がある(義務者の脱落)",
        "I14・地方税法321条の3",
        """SELECT f.party_id FROM assessment_residentfacts AS f
             JOIN assessment_residentresult AS r ON r.run_id = f.run_id AND r.party_id = f.party_id
            WHERE f.run_id = %(run)s AND %(kind)s <> 'correction' AND r.stop_code = ''
                  AND r.annual_tax_yen > 0 AND f.pension_receipts_yen < %(pension_minimum)s
              AND EXISTS (SELECT FROM assessment_sourcedocument AS d
                           WHERE d.party_id = f.party_id AND d.tax_year = %(year)s AND d.state = 'active'
                                 AND d.arrived_on <= %(until)s AND d.kind = 'wage' AND d.withholder_id IS NOT NULL)
              AND NOT EXISTS (SELECT FROM assessment_sourcedocument AS d
                               WHERE d.party_id = f.party_id AND d.tax_year = %(year)s AND d.state = 'active'
                                     AND d.arrived_on <= %(until)s AND d.kind = 'wage'
                                     AND (d.withholder_id IS NULL
                                          OR d.items ?| ARRAY['is_ordinary_collection', 'left_on', 'is_secondary']))
              AND NOT EXISTS (SELECT FROM assessment_employmentchange AS c
                               WHERE c.party_id = f.party_id AND c.tax_year = %(year)s AND c.state = 'active')
              AND NOT EXISTS (SELECT FROM assessment_collectionshare AS s
                               WHERE s.run_id = f.run_id AND s.party_id = f.party_id AND s.method = 'wage')""",
        "給与支払報告書の「普通徴収」「退職」の記載と指定番号を確かめてから計算し直してください。",
    ),
    PopulationCheck(
        "employee_no_on_paper",
        "税額通知の受給者番号が本人の給与支払報告書・異動届のものである(従業員の取違え)",
        "I14",
        """SELECT s.party_id FROM assessment_collectionshare AS s
            WHERE s.run_id = %(run)s AND s.method = 'wage' AND s.employee_no <> '' AND NOT EXISTS (
                  SELECT FROM assessment_sourcedocument AS d
                   WHERE d.party_id = s.party_id AND d.withholder_id = s.withholder_id AND d.tax_year = %(year)s
                         AND d.items ->> 'employee_no' = s.employee_no)
              AND NOT EXISTS (SELECT FROM assessment_employmentchange AS c WHERE c.party_id = s.party_id
                         AND c.tax_year = %(year)s AND c.new_withholder_id = s.withholder_id
                         AND c.new_employee_no = s.employee_no AND c.state = 'active')""",
        "受給者番号を給与支払報告書と照らし、取り違えた者の資料の突合を直してください。",
    ),
    PopulationCheck(
        "pension_share_entitled",
        "年金特別徴収は4月1日に65歳以上で年金年額が基準以上の者だけ",
        "I3・地方税法321条の7の2",
        """SELECT s.party_id FROM assessment_collectionshare AS s
             JOIN assessment_residentfacts AS f ON f.run_id = s.run_id AND f.party_id = s.party_id
             JOIN addressbook_party AS b ON b.id = s.party_id
            WHERE s.run_id = %(run)s AND s.method = 'pension' AND %(kind)s <> 'correction'
                  AND (b.birth_on IS NULL OR b.birth_on > make_date(%(year)s - %(pension_age)s, 4, 2)
                       OR f.pension_receipts_yen < %(pension_minimum)s)""",
        "生年月日と年金の支払金額を確かめてから計算し直してください。",
    ),
    PopulationCheck(
        "pension_share_within_levy",
        "年金特別徴収の税額は所得割額を超えない(定額減税・他の所得の混入)",
        "I3・I4",
        """SELECT s.party_id FROM assessment_collectionshare AS s
             JOIN assessment_residentresult AS r ON r.run_id = s.run_id AND r.party_id = s.party_id
            WHERE s.run_id = %(run)s AND s.method = 'pension' AND %(kind)s <> 'correction'
                  AND (s.city_yen > r.income_levy_city_yen OR s.prefecture_yen > r.income_levy_prefecture_yen
                       OR s.forest_yen > 0)""",
        "年金所得に係る所得割額の計算を確かめてください。",
    ),
    PopulationCheck(
        "places_of_the_method",
        "期別の数と順が徴収方法のとおり(普通4期・給与12月・年金6月)",
        "I3・地方税法320条・321条の5",
        """SELECT party_id FROM assessment_collectionshare WHERE run_id = %(run)s AND %(kind)s <> 'correction'
              AND due_keys::text[] <> CASE method WHEN 'ordinary' THEN %(ordinary_keys)s::text[]
                                        WHEN 'wage' THEN %(wage_keys)s::text[] ELSE %(pension_keys)s::text[] END""",
    ),
    PopulationCheck(
        "instalments_even",
        "第2期以降は同額で、端数は第1期にある",
        "地方税法20条の4の2第6項・第8項",
        """SELECT party_id FROM assessment_collectionshare WHERE run_id = %(run)s AND %(kind)s <> 'correction'
              AND NOT (%(reduction_pattern)s AND EXISTS (
                  SELECT FROM assessment_residentresult AS r
                   WHERE r.run_id = %(run)s AND r.party_id = assessment_collectionshare.party_id
                         AND r.fixed_reduction_city_yen + r.fixed_reduction_prefecture_yen > 0))
              AND method <> 'pension' AND NOT (method = 'ordinary' AND EXISTS (
                  SELECT FROM assessment_collectionshare AS p
                   WHERE p.run_id = %(run)s AND p.party_id = assessment_collectionshare.party_id
                         AND p.method = 'pension' AND p.total_yen < p.pension_tax_yen))
              AND ((SELECT count(DISTINCT yen) FROM unnest(instalments[2:]) AS yen) > 1
                   OR instalments[1] < instalments[2]
                   OR (instalments[2] > 0 AND instalments[1] - instalments[2] >=
                       cardinality(instalments) * CASE WHEN method = 'ordinary' THEN %(bill_unit)s
                                                       ELSE %(wage_unit)s END))""",
    ),
    PopulationCheck(
        "share_without_result",
        "徴収区分の税額のある者に計算結果がある",
        "R-016",
        """SELECT s.party_id FROM assessment_collectionshare AS s
             LEFT JOIN assessment_residentresult AS r ON r.run_id = s.run_id AND r.party_id = s.party_id
            WHERE s.run_id = %(run)s AND r.id IS NULL""",
    ),
    PopulationCheck(
        "wage_cut_only_wage",
        "給与特別徴収の当初課税には特別徴収義務者のある者だけがいる(通知の種別の取違え)",
        "I18",
        """SELECT r.party_id FROM assessment_residentresult AS r
            WHERE r.run_id = %(run)s AND %(kind)s = 'initial_wage' AND r.stop_code = '' AND r.annual_tax_yen > 0
              AND NOT EXISTS (SELECT FROM assessment_sourcedocument AS d
                               WHERE d.party_id = r.party_id AND d.tax_year = %(year)s AND d.kind = 'wage'
                                     AND d.state = 'active' AND d.withholder_id IS NOT NULL)""",
        "計算の種別(給与特別徴収・普通徴収)を確かめてください。",
    ),
)
