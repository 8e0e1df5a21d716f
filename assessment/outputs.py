"""出力登録簿 of the duty 賦課: papers and pages on which an address or a name of a party may stand."""

from addressbook.outputs import OutputKind

OUTPUTS = (
    OutputKind("assessment.tax_notice", "納税通知書", "self"),
    OutputKind("assessment.withholding_notice", "特別徴収税額通知書", "third_party"),
)
