"""仮徴収の検証: what must hold of all 仮徴収 not levied yet before a second person lets them go; restated in SQL."""

# ruff: noqa: S608 -- put together from constants of this module; values travel as parameters

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection

from assessment.resident.rules.pipeline import resident_law
from taxsys.kernel.rates import Rate
from taxsys.platform.jobs.declaration import GateResult

# Last year's standing decision of each person, and its share of the pension.
_STANDING = """
    SELECT DISTINCT ON (d.party_id) d.party_id, d.notice_no, d.version, d.run_id
      FROM assessment_decision AS d JOIN assessment_assessmentrun AS r ON r.id = d.run_id AND r.state = 'released'
     WHERE d.tax_kind = '10' AND d.tax_year = %(before)s ORDER BY d.party_id, d.version DESC
"""
_WAITING = "FROM pensions_provisionallevy AS v WHERE v.tax_year = %(year)s AND v.levied_on IS NULL"

# (id, title, what it guards against, people for whom it does not hold)
CHECKS = (
    (
        "provisional_half",
        "仮徴収税額は前年度の年金分の2分の1で、6月・8月は100円単位の同額、端数は4月",
        "仮徴収の割り方の誤り(地方税法321条の7の8)",
        f"""SELECT v.party_id {_WAITING} AND NOT (
                cardinality(v.instalments) = 3 AND v.instalments[2] = v.instalments[3]
                AND v.instalments[2] = v.base_yen * %(num)s / %(den)s / 3 / %(unit)s * %(unit)s
                AND v.instalments[1] + v.instalments[2] * 2 = v.base_yen * %(num)s / %(den)s)""",
    ),
    (
        "provisional_parts",
        "仮徴収税額の合計=市民税+道民税+森林環境税",
        "税目の内訳の食違い(I3)",
        f"""SELECT v.party_id {_WAITING} AND v.city_yen + v.prefecture_yen + v.forest_yen
                <> (SELECT sum(yen) FROM unnest(v.instalments) AS yen)""",
    ),
    (
        "provisional_base",
        "仮徴収の基は、前年度の効力のある決定の年金所得に係る税額",
        "古い決定・他人の決定による仮徴収(I3)",
        f"""SELECT v.party_id FROM pensions_provisionallevy AS v
              LEFT JOIN ({_STANDING}) AS d ON d.party_id = v.party_id
              LEFT JOIN assessment_collectionshare AS s
                   ON s.run_id = d.run_id AND s.party_id = d.party_id AND s.method = 'pension'
             WHERE v.tax_year = %(year)s AND v.levied_on IS NULL
               AND (v.base_notice_no, v.base_version, v.base_yen)
                   IS DISTINCT FROM (d.notice_no, d.version, s.pension_tax_yen)""",
    ),
    (
        "provisional_continuing",
        "仮徴収は前年度の10月から2月まで年金で徴収し、中止していない人だけ",
        "年金が止まった人からの仮徴収(地方税法321条の7の8)",
        f"""SELECT v.party_id {_WAITING} AND (
                EXISTS (SELECT FROM pensions_pensionstop AS p WHERE p.party_id = v.party_id
                           AND p.tax_year IN (%(before)s, %(year)s) AND p.state = 'active')
                OR NOT EXISTS (
                    SELECT FROM ({_STANDING}) AS d JOIN assessment_collectionshare AS s
                         ON s.run_id = d.run_id AND s.party_id = d.party_id AND s.method = 'pension'
                     WHERE d.party_id = v.party_id AND s.instalments[4] + s.instalments[5] + s.instalments[6] > 0))""",
    ),
    (
        "provisional_living",
        "1月1日に市内に住所があり、亡くなっていない人だけ",
        "納税義務のない人・亡くなった人からの仮徴収(地方税法318条)",
        f"""SELECT v.party_id {_WAITING} AND EXISTS (
                SELECT FROM addressbook_partyversion AS p
                 WHERE p.party_id = v.party_id AND p.superseded_at IS NULL
                   AND ((p.state IN ('dead', 'moved_out', 'erased') AND p.valid_from <= make_date(%(year)s, 1, 1)
                         AND (p.valid_to IS NULL OR p.valid_to > make_date(%(year)s, 1, 1)))
                        OR (p.state IN ('dead', 'erased') AND p.valid_from <= %(on)s
                            AND (p.valid_to IS NULL OR p.valid_to > %(on)s))))""",
    ),
    (
        "provisional_undecided",
        "この年度の決定も、調定済の年金の月もない",
        "二重の調定",
        f"""SELECT v.party_id {_WAITING} AND (
                EXISTS (SELECT FROM assessment_decision AS d WHERE d.party_id = v.party_id AND d.tax_kind = '10'
                           AND d.tax_year = %(year)s)
                OR EXISTS (SELECT FROM collection_charge AS c WHERE c.party_id = v.party_id AND c.tax_kind_id = '10'
                           AND c.tax_year = %(year)s AND c.method = 'pension' AND c.amount_yen > 0))""",
    ),
)  # fmt: skip


def provisional_checks(tax_year: int, *, on: date, city_code: str) -> Iterable[GateResult]:
    """Every check over the 仮徴収 of the year that is not levied yet, in order."""
    law = resident_law(tax_year, city_code)
    share = law["resident.collection.pension_provisional_share"].value
    assert isinstance(share, Rate)
    facts: dict[str, Any] = {
        "year": tax_year, "before": tax_year - 1, "on": on, "num": share.num, "den": share.den,
        "unit": law["resident.collection.pension_unit"].integer,
    }  # fmt: skip
    with connection.cursor() as cursor:
        for check_id, title_ja, guards, sql in CHECKS:
            # Set-based: the rows are as many as the city has pensioners.
            cursor.execute(f"SELECT count(DISTINCT f.party_id) FROM ({sql}) AS f", facts)
            count = int(cursor.fetchone()[0])
            detail_ja = (
                f"{count:,}人が条件を満たしません。決定と住民情報を確かめてから計算し直してください。" if count else ""
            )
            yield GateResult(check_id, title_ja, not count, count, detail_ja=detail_ja, guards=guards)
