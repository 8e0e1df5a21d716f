"""表の形 (shapes of the tables): rows and columns by code, with the SQL that sums them over the decisions in force.

`%(year)s` is the tax year. d: decision in force, r: result, f: facts, t: frozen population (may be NULL).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from assessment.statistics import BANDS, band_ja

VIEW = """
    FROM (SELECT DISTINCT ON (c.party_id) c.* FROM assessment_decision AS c
            JOIN assessment_assessmentrun AS u ON u.id = c.run_id AND u.state = 'released'
           WHERE c.tax_kind = '10' AND c.tax_year = %(year)s ORDER BY c.party_id, c.version DESC) AS d
    JOIN assessment_residentresult AS r ON r.run_id = d.run_id AND r.party_id = d.party_id
    JOIN assessment_residentfacts AS f ON f.run_id = d.run_id AND f.party_id = d.party_id
    LEFT JOIN assessment_taxablepopulation AS t ON t.party_id = d.party_id AND t.tax_year = d.tax_year
"""
PEOPLE, YEN = "people", "yen"


@dataclass(frozen=True, slots=True)
class Measure:
    """One column of figures: its heading, its unit and its sum (people are counted, yen added)."""

    title_ja: str
    unit: str
    sql: str


@dataclass(frozen=True, slots=True)
class Split:
    """A table of groups that share everybody out: `group` is SQL, `labels` its words (None: the value itself)."""

    code: str
    title_ja: str
    head_ja: str
    group: str
    labels: tuple[tuple[str, str], ...] | None
    measures: tuple[Measure, ...]
    source: str = VIEW


@dataclass(frozen=True, slots=True)
class Items:
    """A table of items, a row each: people concerned and yen. A person may stand in several rows."""

    code: str
    title_ja: str
    head_ja: str
    rows: tuple[tuple[str, str, str], ...]  # code, title, SQL of the yen


def _sum(title: str, sql: str) -> Measure:
    return Measure(f"{title}(円)", YEN, f"coalesce(sum({sql}), 0)::bigint")


MEASURES = (
    Measure("納税義務者等(人)", PEOPLE, "count(*)"),
    Measure("うち所得割(人)", PEOPLE,
            "count(*) FILTER (WHERE r.income_levy_city_yen + r.income_levy_prefecture_yen > 0)"),
    Measure("うち均等割のみ(人)", PEOPLE,
            "count(*) FILTER (WHERE d.annual_yen > 0 AND r.income_levy_city_yen + r.income_levy_prefecture_yen = 0)"),
    _sum("合計所得金額", "r.total_income_yen"),
    _sum("所得控除", "r.total_deduction_yen"),
    _sum("課税総所得金額", "r.taxable_income_yen"),
    _sum("市民税", "r.city_tax_yen"),
    _sum("道民税", "r.prefectural_tax_yen"),
    _sum("森林環境税", "r.forest_tax_yen"),
    _sum("年税額", "d.annual_yen"),
)  # fmt: skip
_BAND = "CASE " + " ".join(
    f"WHEN r.total_income_yen <= {end} THEN '{number:02d}'" for number, end in enumerate(BANDS)
) + f" ELSE '{len(BANDS):02d}' END"  # fmt: skip
_SHARES = f"""FROM (SELECT s.method, s.total_yen, s.city_yen, s.prefecture_yen, s.forest_yen, d.party_id {VIEW}
                      JOIN assessment_collectionshare AS s ON s.run_id = d.run_id AND s.party_id = d.party_id) AS s"""

BY_BAND = Split(
    "T1", "第1表 所得段階別の課税状況", "合計所得金額の段階", _BAND,
    tuple((f"{number:02d}", band_ja(number)) for number in range(len(BANDS) + 1)), MEASURES,
)  # fmt: skip
BY_LIABILITY = Split(
    "T2", "第2表 課税・非課税の区分別", "区分",
    "CASE WHEN NOT f.is_domiciled THEN '5' WHEN r.is_exempt_person THEN '4'"
    " WHEN r.income_levy_city_yen + r.income_levy_prefecture_yen > 0 THEN '1'"
    " WHEN d.annual_yen > 0 THEN '2' ELSE '3' END",
    (("1", "所得割のある者"), ("2", "均等割のみの者"), ("3", "所得により税額のない者"), ("4", "人的非課税の者"),
     ("5", "家屋敷等課税の者")),
    MEASURES,
)  # fmt: skip
BY_METHOD = Split(
    "T3", "第3表 徴収区分別の税額", "徴収区分", "s.method",
    (("ordinary", "普通徴収"), ("wage", "給与特別徴収"), ("pension", "公的年金特別徴収")),
    (
        Measure("延べ人数(人)", PEOPLE, "count(DISTINCT s.party_id)"),
        _sum("市民税", "s.city_yen"),
        _sum("道民税", "s.prefecture_yen"),
        _sum("森林環境税", "s.forest_yen"),
        _sum("税額", "s.total_yen"),
    ),
    _SHARES,
)  # fmt: skip
BY_DISTRICT = Split(
    "T4", "第4表 地区別の課税状況", "町字コード", "coalesce(nullif(t.town_code, ''), '不明')", None, MEASURES
)  # fmt: skip
BY_AGE = Split(
    "T5", "第5表 年齢別の課税状況", "1月1日の年齢",
    "CASE WHEN t.birth_on IS NULL THEN '9' ELSE least(8,"
    " extract(year FROM age(make_date(d.tax_year, 1, 1), t.birth_on))::int / 10)::text END",
    (("0", "10歳未満"), *((str(n), f"{n}0歳代") for n in range(1, 8)), ("8", "80歳以上"), ("9", "不明")), MEASURES,
)  # fmt: skip
TAX_ITEMS = Items(
    "T6", "第6表 税目・算定の段階別", "項目",
    (
        ("income_city", "所得割額(市民税)", "r.income_levy_city_yen"),
        ("income_prefecture", "所得割額(道民税)", "r.income_levy_prefecture_yen"),
        ("flat_city", "均等割額(市民税)", "r.per_capita_city_yen"),
        ("flat_prefecture", "均等割額(道民税)", "r.per_capita_prefecture_yen"),
        ("relief_city", "減免した額(市民税)",
         "-(r.income_levy_city_yen + r.per_capita_city_yen - r.city_tax_yen)"),
        ("relief_prefecture", "減免した額(道民税)",
         "-(r.income_levy_prefecture_yen + r.per_capita_prefecture_yen - r.prefectural_tax_yen)"),
        ("forest", "森林環境税額", "r.forest_tax_yen"),
    ),
)  # fmt: skip
DEDUCTIONS = Items(
    "T7", "第7表 所得控除の種類別", "所得控除",
    (
        ("casualty", "雑損控除", "r.casualty_deduction_yen"),
        ("medical", "医療費控除", "r.medical_deduction_yen"),
        ("social", "社会保険料控除", "f.social_insurance_yen"),
        ("mutual", "小規模企業共済等掛金控除", "f.small_business_mutual_yen"),
        ("life", "生命保険料控除", "r.life_insurance_deduction_yen"),
        ("earthquake", "地震保険料控除", "r.earthquake_deduction_yen"),
        ("disability", "障害者控除", "r.disability_deduction_yen"),
        ("widow", "寡婦控除", "r.widow_deduction_yen"),
        ("single_parent", "ひとり親控除", "r.single_parent_deduction_yen"),
        ("student", "勤労学生控除", "r.working_student_deduction_yen"),
        ("spouse", "配偶者控除", "r.spouse_deduction_yen"),
        ("spouse_special", "配偶者特別控除", "r.spouse_special_deduction_yen"),
        ("dependant", "扶養控除", "r.dependant_deduction_yen"),
        ("specific_relative", "特定親族特別控除", "r.specific_relative_deduction_yen"),
        ("basic", "基礎控除", "r.basic_deduction_yen"),
        ("other", "その他の所得控除", "f.other_deduction_yen"),
    ),
)  # fmt: skip
CREDITS = Items(
    "T8", "第8表 税額控除の種類別", "税額控除",
    (
        ("adjustment", "調整控除", "r.adjustment_credit_city_yen + r.adjustment_credit_prefecture_yen"),
        ("dividend", "配当控除", "r.dividend_credit_city_yen + r.dividend_credit_prefecture_yen"),
        ("housing", "住宅借入金等特別税額控除", "r.housing_credit_yen"),
        ("donation", "寄附金税額控除", "r.donation_credit_city_yen + r.donation_credit_prefecture_yen"),
        ("foreign", "外国税額控除", "r.foreign_credit_city_yen + r.foreign_credit_prefecture_yen"),
        ("withheld", "配当割額・株式等譲渡所得割額控除",
         "r.withheld_credit_city_yen + r.withheld_credit_prefecture_yen"),
        ("fixed", "定額減税", "r.fixed_reduction_city_yen + r.fixed_reduction_prefecture_yen"),
    ),
)  # fmt: skip
TABLES: Sequence[Split | Items] = (
    BY_BAND, BY_LIABILITY, BY_METHOD, BY_DISTRICT, BY_AGE, TAX_ITEMS, DEDUCTIONS, CREDITS,
)  # fmt: skip
