"""Outputs of the 証明 duty on which a name or an address stands."""

from addressbook.outputs import OutputKind

OWN = "certificates.own"
FOR_OTHERS = "certificates.for_others"
COUNTER = "certificates.counter"
REGISTER = "certificates.register"

OUTPUTS = (
    OutputKind(OWN, "所得・課税証明書（本人・法定代理人が請求）", "self"),
    OutputKind(FOR_OTHERS, "所得・課税証明書（本人以外が請求）", "third_party"),
    OutputKind(COUNTER, "証明の受付画面", "internal"),
    OutputKind(REGISTER, "証明書交付簿", "internal"),
)
