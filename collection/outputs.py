"""収納 in the register of outputs: pages and papers on which a name or an address of a party may stand."""

from addressbook.outputs import OutputKind

OUTPUTS = (
    OutputKind("collection.list", "収納の一覧(窓口・仮受・締め)", "internal"),
    OutputKind("collection.agents", "特徴の納入の過不足・受給者別の内訳", "internal"),
    OutputKind("collection.agent_letter", "特別徴収税額の納入の過不足のお知らせ", "self"),
    OutputKind("collection.slip", "納付書", "self"),
    OutputKind("collection.receipt", "領収証書", "self"),
    OutputKind("collection.debit_letter", "口座振替のお知らせ・済通知書", "self"),
    OutputKind("collection.prefecture", "道府県あての払込明細・徴収取扱費請求書・年報", "third_party"),
    OutputKind("collection.remittance_notice", "還付金送金通知書", "self"),
    OutputKind("collection.refund_notice", "過誤納金還付（充当）通知書", "self"),
)
