"""Outputs of the 滞納 duty on which a name or an address stands."""

from addressbook.outputs import OutputKind

RUN_LIST = "delinquency.reminder_list"
TAB = "delinquency.card"

OUTPUTS = (
    OutputKind(RUN_LIST, "督促の一覧", "internal"),
    OutputKind(TAB, "滞納タブ", "internal"),
    OutputKind("delinquency.reminder", "督促状", "self"),
)
