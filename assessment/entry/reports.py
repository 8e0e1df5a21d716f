"""給与支払報告書（個人別明細書）と公的年金等支払報告書: the boxes in the order of the papers."""

from assessment.entry.declaration import (
    ADDRESS,
    ARRIVED,
    BIRTH,
    DISABILITY,
    FILING,
    KANA,
    NAME,
    NUMBER,
    REL_BIRTH,
    REL_INCOME,
    REL_KANA,
    REL_NAME,
    Check,
    EntryBox,
    Group,
    PaperForm,
    RelativeRows,
)

# 1 and 3 count as a spouse in the consolidation; other codes of the file layout stand on no paper.
_SPOUSE = EntryBox(
    name="spouse_code", label="（源泉）控除対象配偶者の有無等", kind="code", digits=1, width=3,
    codes=(("1", "有"), ("3", "従有")),
)  # fmt: skip
_DESIGNATION = EntryBox(name="designation_no", label="指定番号", kind="digits", digits=12, width=3)
_PAYER_NUMBER = EntryBox(
    name="payer_number", label="支払者の法人番号（個人番号は書きません）", kind="corporate", digits=13, width=5
)


def _count(name: str, label: str, *, width: int = 2) -> EntryBox:
    return EntryBox(name=name, label=label, kind="count", digits=2, width=width)


def _flag(name: str, label: str) -> EntryBox:
    return EntryBox(name=name, label=label, kind="flag", digits=1)


_RELATIVE_COUNTS = (
    "dependants_specific", "dependants_elderly", "dependants_general", "special_disabled_relatives",
    "disabled_relatives",
)  # fmt: skip
_DEPENDANTS = ("dependants_specific", "dependants_elderly", "dependants_general")
_NOT_SECONDARY = (*_RELATIVE_COUNTS, "spouse_code", "wage_after_deduction_yen")
_BOTH = (
    Check(
        kind="within", box="dependants_elderly_coresident", others=("dependants_elderly",),
        message_ja="老人のうち同居の人数が、老人の人数より多くあります。", is_stop=True,
    ),
    Check(
        kind="within", box="special_disabled_coresident_relatives", others=("special_disabled_relatives",),
        message_ja="特別障害者のうち同居の人数が、特別障害者の人数より多くあります。", is_stop=True,
    ),
    Check(
        kind="not_beside", box="is_single_parent", others=("is_widow",),
        message_ja="ひとり親と寡婦の両方に記載があります。原票のとおりか確かめてください。",
    ),
    Check(
        kind="not_beside", box="is_single_parent", others=("spouse_code",),
        message_ja="ひとり親ですが、配偶者の記載があります。",
    ),
)  # fmt: skip

WAGE_REPORT = PaperForm(
    code="wage",
    kind="wage",
    title="給与支払報告書（個人別明細書）",
    document_code="315",
    has_payer=True,
    groups=(
        Group(
            title="受付",
            rows=((ARRIVED, FILING, _DESIGNATION),),
        ),
        Group(
            title="支払を受ける者",
            rows=(
                (ADDRESS, EntryBox(name="employee_no", label="受給者番号", kind="digits", digits=25, width=3), NUMBER),
                (KANA, NAME),
            ),
        ),
        Group(
            title="支払金額等",
            rows=(
                (
                    EntryBox(name="wage_yen", label="支払金額", width=3, is_required=True),
                    EntryBox(name="wage_after_deduction_yen", label="給与所得控除後の金額（調整控除後）", width=3),
                    EntryBox(name="income_deduction_total_yen", label="所得控除の額の合計額", width=3),
                    EntryBox(name="withheld_tax_yen", label="源泉徴収税額", width=3),
                ),
            ),
        ),
        Group(
            title="配偶者・扶養親族・障害者の数",
            rows=(
                (
                    _SPOUSE, _flag("is_spouse_elderly", "老人"),
                    EntryBox(name="spouse_deduction_yen", label="配偶者（特別）控除の額", width=3),
                    _count("dependants_specific", "特定"),
                    _count("dependants_elderly_coresident", "老人（内 同居）"),
                    _count("dependants_elderly", "老人"),
                    _count("dependants_general", "その他"),
                ),
                (
                    _count("dependants_under_16", "16歳未満扶養親族の数", width=3),
                    _count("special_disabled_coresident_relatives", "特別障害者（内 同居）", width=3),
                    _count("special_disabled_relatives", "特別障害者", width=3),
                    _count("disabled_relatives", "その他の障害者", width=3),
                    _count("dependants_abroad", "非居住者である親族の数", width=3),
                ),
            ),
        ),
        Group(
            title="控除額",
            rows=(
                (
                    EntryBox(name="small_mutual_yen", label="社会保険料等の金額（内 小規模共済）", width=3),
                    EntryBox(name="social_insurance_yen", label="社会保険料等の金額", width=3),
                    EntryBox(name="life_deduction_yen", label="生命保険料の控除額", width=3),
                    EntryBox(name="earthquake_deduction_yen", label="地震保険料の控除額", width=3),
                    EntryBox(name="housing_credit_yen", label="住宅借入金等特別控除の額", width=3),
                ),
            ),
        ),
        Group(
            title="摘要",
            rows=(
                (
                    EntryBox(name="previous_wage_yen", label="前職分の給与", width=3),
                    EntryBox(name="previous_social_yen", label="前職分の社会保険料", width=3),
                    _flag("is_ordinary_collection", "普通徴収"),
                ),
            ),
        ),
        Group(
            title="生命保険料の金額の内訳",
            rows=(
                (
                    EntryBox(name="life_general_new_yen", label="新生命保険料"),
                    EntryBox(name="life_general_old_yen", label="旧生命保険料"),
                    EntryBox(name="life_care_yen", label="介護医療保険料"),
                    EntryBox(name="life_annuity_new_yen", label="新個人年金保険料"),
                    EntryBox(name="life_annuity_old_yen", label="旧個人年金保険料"),
                ),
            ),
        ),
        Group(
            title="住宅借入金等特別控除の額の内訳",
            rows=((EntryBox(name="housing_possible_yen", label="住宅借入金等特別控除可能額", width=4),),),
        ),
        Group(
            title="（源泉・特別）控除対象配偶者",
            relatives=RelativeRows(role="spouse", label="配偶者", rows=1, columns=(REL_KANA, REL_NAME)),
        ),
        Group(
            title="配偶者の所得ほか",
            rows=(
                (
                    EntryBox(name="spouse_income_yen", label="配偶者の合計所得"),
                    EntryBox(name="national_pension_yen", label="国民年金保険料等の金額"),
                    EntryBox(name="old_long_insurance_yen", label="旧長期損害保険料の金額"),
                    EntryBox(name="basic_deduction_yen", label="基礎控除の額"),
                    EntryBox(name="income_adjustment_yen", label="所得金額調整控除額"),
                ),
            ),
        ),
        Group(
            title="控除対象扶養親族",
            relatives=RelativeRows(role="dependant", label="扶養親族", rows=4, columns=(REL_KANA, REL_NAME)),
        ),
        Group(
            title="16歳未満の扶養親族",
            relatives=RelativeRows(role="under_16", label="16歳未満", rows=4, columns=(REL_KANA, REL_NAME)),
        ),
        Group(
            title="特定親族",
            relatives=RelativeRows(
                role="specific_relative", label="特定親族", rows=4, columns=(REL_KANA, REL_NAME, REL_BIRTH, REL_INCOME)
            ),
        ),
        Group(
            title="本人",
            rows=(
                (
                    _flag("is_secondary", "乙欄"), DISABILITY, _flag("is_widow", "寡婦"),
                    _flag("is_single_parent", "ひとり親"), _flag("is_working_student", "勤労学生"),
                    EntryBox(name="left_on", label="中途退職の日", kind="date", width=3), BIRTH,
                ),
            ),
        ),
        Group(title="支払者", rows=((_PAYER_NUMBER,),)),
    ),
    checks=(
        Check(
            kind="within", box="wage_after_deduction_yen", others=("wage_yen",),
            message_ja="給与所得控除後の金額が、支払金額より多くあります。", is_stop=True,
        ),
        Check(
            kind="within", box="withheld_tax_yen", others=("wage_yen",),
            message_ja="源泉徴収税額が、支払金額より多くあります。", is_stop=True,
        ),
        Check(
            kind="within", box="small_mutual_yen", others=("social_insurance_yen",),
            message_ja="内書きの小規模共済が、社会保険料等の金額より多くあります。", is_stop=True,
        ),
        Check(
            kind="not_beside", box="is_secondary", others=_NOT_SECONDARY,
            message_ja="乙欄ですが、扶養・配偶者・給与所得控除後の金額の記載があります。",
        ),
        Check(
            kind="at_least", box="dependant", others=_DEPENDANTS,
            message_ja="氏名のある扶養親族が、人数の欄より多くあります。",
        ),
        Check(
            kind="at_least", box="under_16", others=("dependants_under_16",),
            message_ja="氏名のある16歳未満の扶養親族が、人数の欄より多くあります。",
        ),
        Check(
            kind="needs", box="spouse_deduction_yen", others=("spouse_code", "spouse_1_name"),
            message_ja="配偶者控除の額がありますが、配偶者の記載がありません。",
        ),
        *_BOTH,
    ),
)  # fmt: skip

_PARTS = (("part1", "第203条の3第1号・第4号適用分"), ("part2", "第203条の3第2号・第5号適用分"),
          ("part3", "第203条の3第3号・第6号適用分"), ("part4", "第203条の3第7号適用分"))  # fmt: skip
PENSION_REPORT = PaperForm(
    code="pension",
    kind="pension",
    title="公的年金等支払報告書（個人別明細書）",
    document_code="331",
    has_payer=True,
    groups=(
        Group(title="受付", rows=((ARRIVED, FILING),)),
        Group(title="支払を受ける者", rows=((ADDRESS, NUMBER), (KANA, NAME, BIRTH))),
        Group(
            title="区分・支払金額・源泉徴収税額",
            rows=tuple(
                (
                    EntryBox(name=f"{part}_paid_yen", label=f"{words} 支払金額", width=4),
                    EntryBox(name=f"{part}_tax_yen", label=f"{words} 源泉徴収税額", width=4),
                )
                for part, words in _PARTS
            ),
        ),
        Group(
            title="本人",
            rows=((DISABILITY, _flag("is_single_parent", "ひとり親"), _flag("is_widow", "寡婦")),),
        ),
        Group(
            title="配偶者・扶養親族・障害者の数",
            rows=(
                (
                    _SPOUSE, _count("dependants_specific", "特定"), _count("dependants_elderly", "老人"),
                    _count("dependants_general", "その他"), _count("dependants_under_16", "16歳未満"),
                ),
                (
                    _count("special_disabled_coresident_relatives", "特別障害者（内 同居）", width=3),
                    _count("special_disabled_relatives", "特別障害者", width=3),
                    _count("disabled_relatives", "その他の障害者", width=3),
                    EntryBox(name="social_insurance_yen", label="社会保険料の金額", width=3),
                ),
            ),
        ),
        Group(
            title="源泉控除対象配偶者",
            relatives=RelativeRows(role="spouse", label="配偶者", rows=1, columns=(REL_KANA, REL_NAME)),
        ),
        Group(
            title="控除対象扶養親族",
            relatives=RelativeRows(role="dependant", label="扶養親族", rows=2, columns=(REL_KANA, REL_NAME)),
        ),
        Group(
            title="16歳未満の扶養親族",
            relatives=RelativeRows(role="under_16", label="16歳未満", rows=2, columns=(REL_KANA, REL_NAME)),
        ),
        Group(title="支払者", rows=((_PAYER_NUMBER,),)),
    ),
    totals=(
        ("pension_yen", tuple(f"{part}_paid_yen" for part, _words in _PARTS)),
        ("withheld_tax_yen", tuple(f"{part}_tax_yen" for part, _words in _PARTS)),
    ),
    checks=(
        *(
            Check(
                kind="within", box=f"{part}_tax_yen", others=(f"{part}_paid_yen",),
                message_ja="源泉徴収税額が、支払金額より多くあります。", is_stop=True,
            )
            for part, _words in _PARTS
        ),
        Check(
            kind="at_least", box="dependant", others=_DEPENDANTS,
            message_ja="氏名のある扶養親族が、人数の欄より多くあります。",
        ),
        *_BOTH[1:],
    ),
)  # fmt: skip
