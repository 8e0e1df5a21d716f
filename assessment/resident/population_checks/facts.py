"""事実の検査: the facts of each person against the papers they came from and against the register (one pass)."""

from assessment.models import FindingSeverity
from assessment.resident.population_checks.model import RowCheck

_PAPERS = "資料の一覧と計算過程の収入・控除を見比べ、資料を直してから計算し直してください。"
_REGISTER = "宛名の生年月日と賦課期日の対象者を確かめてから計算し直してください。"
_HEADS = (
    "f.dependants_under_16 + f.dependants_general + f.dependants_specific + f.dependants_elderly"
    " + f.dependants_elderly_coresident"
)

FACTS = (
    RowCheck(
        "facts_from_papers",
        "すべての者に採用した資料がある",
        "R-016",
        "cardinality(f.document_ids) = 0 AND (f.salary_receipts_yen <> 0 OR f.pension_receipts_yen <> 0"
        " OR f.business_income_yen <> 0 OR f.social_insurance_yen <> 0)",
        _PAPERS,
    ),
    RowCheck(
        "salary_as_papers",
        "給与収入=採用した資料の支払金額の合計(前職分を除く)",
        "I2・I4・地方税法317条の6",
        "f.salary_receipts_yen <> p.wages_yen AND abs(f.salary_receipts_yen - p.wages_yen) <> ALL (p.previous_yen)",
        _PAPERS,
    ),
    RowCheck(
        "pension_as_papers",
        "公的年金等の収入=採用した資料の支払金額の合計",
        "I3・地方税法317条の6",
        "f.pension_receipts_yen <> p.pensions_yen",
        _PAPERS,
    ),
    RowCheck(
        "social_as_papers",
        "社会保険料=採用した資料の合計",
        "I4・地方税法314条の2第1項3号",
        "f.social_insurance_yen <> p.social_yen"
        " AND abs(f.social_insurance_yen - p.social_yen) <> ALL (p.previous_social_yen)",
        _PAPERS,
    ),
    RowCheck(
        "business_as_papers",
        "営業等・農業・不動産・雑(業務・その他)の所得=申告書の額",
        "I2・地方税法317条の2",
        "f.business_income_yen + f.farm_income_yen + f.real_estate_income_yen + f.misc_business_income_yen"
        " + f.misc_other_income_yen <> p.business_yen",
        _PAPERS,
    ),
    RowCheck(
        "donation_as_papers",
        "ふるさと納税の額=採用した資料の合計(申告特例の二重計上がない)",
        "I4・地方税法附則7条",
        "f.hometown_donation_yen <> p.hometown_yen OR (f.is_one_stop AND p.has_return)",
        _PAPERS,
    ),
    RowCheck(
        "dependants_on_paper",
        "扶養親族・配偶者は資料に書かれた者だけ(扶養の紛れ込み)",
        "I4・F-PC-012",
        f"({_HEADS} > 0 OR f.has_spouse) AND p.wages_yen IS NOT NULL AND NOT p.names_relatives",
        "資料の扶養欄を確かめ、扶養の入力を直してください。",
    ),
    RowCheck(
        "dependants_not_lost",
        "資料に列記された扶養親族の人数が事実にある(扶養の脱落)",
        "I4・F-PC-012",
        f"p.has_return AND p.listed_dependants <> {_HEADS}",
        "申告書の扶養親族の欄を確かめてから計算し直してください。",
    ),
    RowCheck(
        "status_on_paper",
        "障害者・寡婦・ひとり親・勤労学生は資料に書かれた者だけ",
        "I4・地方税法314条の2第1項6号・8号・9号",
        "(f.disability_code > 0 OR f.is_widow OR f.single_parent_code > 0 OR f.is_working_student)"
        " AND p.wages_yen IS NOT NULL AND NOT p.names_status",
        _PAPERS,
    ),
    RowCheck(
        "age_65_as_register",
        "65歳以上の判定が生年月日のとおり",
        "I3・所得税法35条4項",
        "b.birth_on IS NOT NULL AND f.is_age_65 <> (b.birth_on <= make_date(%(year)s - 65, 1, 1))",
        _REGISTER,
    ),
    RowCheck(
        "minor_as_register",
        "未成年者の判定が生年月日のとおり",
        "地方税法295条1項2号",
        "b.birth_on IS NOT NULL AND f.is_minor <> (b.birth_on >= make_date(%(year)s - 18, 1, 3))",
        _REGISTER,
    ),
    RowCheck(
        "livelihood_aid_as_population",
        "生活扶助の有無が賦課期日の対象者のとおり",
        "地方税法295条1項1号",
        "t.id IS NOT NULL AND f.receives_livelihood_aid <> t.is_on_livelihood_aid",
        "福祉部門からの受給者の連携を確かめてから計算し直してください。",
    ),
    RowCheck(
        "born_as_frozen",
        "生年月日が賦課期日の対象者のとおり(宛名の取違え)",
        "I14",
        "t.id IS NOT NULL AND t.birth_on IS DISTINCT FROM b.birth_on",
        "賦課期日の後に生年月日が変わっています。宛名の履歴を確かめ、対象者を抽出し直してください。",
        FindingSeverity.REVIEW,
    ),
    RowCheck(
        "here_or_elsewhere",
        "市内に住所のある者と家屋敷だけの者が重ならない",
        "地方税法294条1項",
        "f.is_domiciled AND f.has_local_premises",
        _REGISTER,
    ),
    RowCheck(
        "premises_as_registered",
        "家屋敷等の課税が賦課期日の対象者(家屋敷等の登録)のとおり",
        "地方税法294条1項2号",
        "f.has_local_premises IS DISTINCT FROM (coalesce(t.basis, '') = 'premises')",
        "家屋敷等の登録と終了を確かめ、対象者を抽出し直してから計算し直してください。",
    ),
    RowCheck(
        "premises_per_capita_only",
        "家屋敷等だけの者に所得割と森林環境税がない",
        "地方税法294条1項2号",
        "f.has_local_premises AND NOT f.is_domiciled"
        " AND r.income_levy_city_yen + r.income_levy_prefecture_yen + r.forest_tax_yen > 0",
        _REGISTER,
    ),
    RowCheck(
        "spouse_and_single_parent",
        "配偶者のある者がひとり親・寡婦になっていない",
        "I4・地方税法292条1項11号・12号",
        "f.has_spouse AND (f.single_parent_code > 0 OR f.is_widow)",
        "資料の配偶者欄とひとり親・寡婦欄を確かめ、本人に照会してください。",
        FindingSeverity.REVIEW,
    ),
    RowCheck(
        "amounts_of_one_person",
        "収入が桁違いでない(給与・年金・保険料・医療費)",
        "I4",
        "f.salary_receipts_yen >= 300000000 OR f.pension_receipts_yen >= 20000000"
        " OR f.social_insurance_yen >= 20000000 OR f.medical_paid_yen >= 50000000",
        "資料の原本で桁を確かめてください。正しければ理由を付けて処理してください。",
        FindingSeverity.REVIEW,
    ),
    RowCheck(
        "dependants_of_one_person",
        "扶養親族の人数が多すぎない(打鍵誤り)",
        "I4",
        f"{_HEADS} > 10",
        "資料の原本で人数を確かめてください。正しければ理由を付けて処理してください。",
        FindingSeverity.REVIEW,
    ),
)
