"""出力登録簿 of the duty 賦課: papers and pages on which an address or a name of a party may stand."""

from addressbook.outputs import OutputKind

OUTPUTS = (
    OutputKind("assessment.tax_notice", "納税通知書", "self"),
    OutputKind("assessment.withholding_notice", "特別徴収税額通知書", "third_party"),
    OutputKind("assessment.card", "住民税タブ・計算過程", "internal"),
    OutputKind("assessment.calculation_sheet", "計算書", "self"),
    OutputKind("assessment.findings", "検証結果の一覧", "internal"),
    OutputKind("assessment.documents", "課税資料", "internal"),
    OutputKind("assessment.matching", "突合不能資料と候補", "internal"),
    OutputKind("assessment.entry", "紙の資料の入力画面の宛名の候補", "internal"),
    OutputKind("assessment.filing_request", "申告のお願い", "self"),
    OutputKind("assessment.items", "要調査事項の一覧・CSV", "internal"),
    OutputKind("assessment.keying", "二人入力の原票と相違", "internal"),
    OutputKind("assessment.differences", "申告と報告の差異の一覧", "internal"),
    OutputKind("assessment.changes", "異動届の一覧・入力", "internal"),
    OutputKind("assessment.withholder", "特別徴収義務者の画面", "internal"),
    OutputKind("assessment.pension_stops", "年金特別徴収の中止・徴収結果", "internal"),
    OutputKind("assessment.privilege_notice", "納期の特例の通知書", "self"),
    OutputKind("assessment.elsewhere", "市外の人の資料の一覧", "internal"),
    OutputKind("assessment.elsewhere_letter", "回送・返戻の送付書", "third_party"),
    OutputKind("assessment.scans", "紙の画像", "internal"),
    OutputKind("assessment.amendments", "更正事案の一覧・登録・一件", "internal"),
    OutputKind("assessment.reliefs", "減免の一覧・受付・一件", "internal"),
    OutputKind("assessment.relief_notice", "減免通知書", "self"),
    OutputKind("assessment.premises", "家屋敷等の一覧・登録・一件", "internal"),
    OutputKind("assessment.premises_letter", "家屋敷等の課税の通知（住所地の市区町村へ）", "third_party"),
    OutputKind("assessment.year_switch", "年度切替の引継ぎの明細", "internal"),
    OutputKind("assessment.extraction", "EUC抽出の結果", "internal"),
    OutputKind("assessment.notice_preview", "税額通知のプレビュー", "internal"),
)
