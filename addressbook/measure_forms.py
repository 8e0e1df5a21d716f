"""支援措置の登録の入力: the items of the 支援措置申出書."""

from collections.abc import Iterator

from django import forms

from addressbook.codes import ProtectionKind
from addressbook.forms import HouseForm
from addressbook.services.protection_measures import TARGETS, Measure
from taxsys.platform.ui.forms import WarekiDateField

OPPONENTS = (1, 2, 3)
_KINDS = [(one.value, one.label) for one in ProtectionKind if one != ProtectionKind.DETAILS_PENDING]


def _name(number: int) -> forms.CharField:
    return forms.CharField(label=f"相手方{number}の氏名", required=number == 1, max_length=100)


def _address(number: int) -> forms.CharField:
    return forms.CharField(label=f"相手方{number}の住所", required=False, max_length=300)


class MeasureForm(HouseForm):
    """申出書の内容. Up to three opponents; the address of the protected person is not asked for."""

    person_no = forms.CharField(label="対象者の宛名番号", max_length=15)
    kind = forms.ChoiceField(label="支援区分", choices=_KINDS, widget=forms.RadioSelect)
    accepted_on = WarekiDateField(label="申出の受付日")
    valid_from = WarekiDateField(label="開始日")
    valid_to = WarekiDateField(label="終了日", help_text="開始日から1年以内")
    targets = forms.MultipleChoiceField(
        label="対象事務", choices=list(TARGETS.items()), widget=forms.CheckboxSelectMultiple
    )
    requested_from = forms.CharField(
        label="申出を受けた市区町村のコード",
        max_length=6,
        help_text="6桁。ほかの市区町村から依頼があったときは、その市区町村",
    )
    opponent_1_name = _name(1)
    opponent_1_address = _address(1)
    opponent_2_name = _name(2)
    opponent_2_address = _address(2)
    opponent_3_name = _name(3)
    opponent_3_address = _address(3)
    members = forms.CharField(
        label="併せて支援を求める者の宛名番号", required=False, max_length=200, help_text="複数は空白で区切ります。"
    )
    contact = forms.CharField(label="連絡先（秘匿）", required=False, max_length=100)
    mail_to = forms.CharField(label="送付先（住所と違うとき）", required=False, max_length=300)

    def measure(self) -> Measure:
        """What was entered, for the service."""
        given = self.cleaned_data
        return Measure(
            opponents=tuple(self._opponents()),
            members=tuple(given["members"].split()),
            **{
                name: given[name]
                for name in (
                    "person_no", "kind", "accepted_on", "valid_from", "valid_to", "targets", "requested_from",
                    "contact", "mail_to",
                )
            },
        )  # fmt: skip

    def _opponents(self) -> Iterator[tuple[str, str]]:
        for number in OPPONENTS:
            if name := self.cleaned_data.get(f"opponent_{number}_name"):
                yield name, self.cleaned_data.get(f"opponent_{number}_address") or ""
