"""誰が見たか: the list for a person who asks for disclosure of the accesses to the own records (N17).

Its making is itself an event. Towards the opponent of a protected person nothing is made.
"""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from addressbook.address_text import name_key
from addressbook.card import card_context
from addressbook.disclosure import hidden_among, names_for, opponents_by_party
from addressbook.models import Party
from addressbook.papers.lookup_list import lookup_list_pdf
from addressbook.permissions import DISCLOSE_LOG
from addressbook.selectors.lookups import LEVELS, UNIT, lookups_of
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires
from taxsys.platform.ui.documents import pdf_shown
from taxsys.platform.ui.forms import WarekiDateField

OUTPUT = "addressbook.lookups"
SELF = "self"
APPLICANTS = ((SELF, "本人"), ("statutory", "法定代理人"), ("agent", "任意代理人"))
_OPPONENT_JA = "この請求者には、この一覧を作成できません。支援措置の担当に引き継いでください。"


class LookupForm(forms.Form):
    """開示請求の入力."""

    applicant = forms.ChoiceField(label="請求者", choices=APPLICANTS)
    applicant_name = forms.CharField(
        label="代理人の氏名", max_length=100, required=False, help_text="代理人のときに入力してください。"
    )
    from_on = WarekiDateField(label="期間の始め")
    to_on = WarekiDateField(label="期間の終り（含む）")
    level = forms.ChoiceField(label="職員の表示", choices=LEVELS, initial=UNIT)

    def clean(self) -> dict[str, Any]:
        """The period runs forward; an agent is named."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("from_on") and values.get("to_on") and values["from_on"] > values["to_on"]:
            self.add_error("to_on", "期間の終りは、始め以後の日を入力してください。")
        if values.get("applicant") not in (None, SELF) and not values.get("applicant_name", "").strip():
            self.add_error("applicant_name", "代理人の氏名を入力してください。")
        return values


@requires(DISCLOSE_LOG)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lookups(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """The request form; posted, the list on the screen, or with `paper` the PDF."""
    values = card_context(request, party_id, "history")
    form = LookupForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "addressbook/lookups.html", {**values, "form": form}, status=status)
    party, asked = values["party"], form.cleaned_data
    _opponent_refused(party, asked)
    hidden = bool(hidden_among([party.pk], clock.today()))
    found = lookups_of(
        party, from_on=asked["from_on"], to_on=asked["to_on"], level=asked["level"], is_protected=hidden
    )  # fmt: skip
    is_paper = "paper" in request.POST
    access_record(
        action="print" if is_paper else "view",
        subjects=[str(party.pk)],
        record_type="access_disclosure",
        reason=asked["applicant"],
        count=found.told,
    )
    if is_paper:
        return _paper(party, found, (asked["from_on"], asked["to_on"]))
    return render(request, "addressbook/lookups.html", {**values, "form": form, "found": found})


def _opponent_refused(party: Party, asked: dict[str, Any]) -> None:
    """An opponent gets nothing, not as an agent and not by a name that is his."""
    opponents = opponents_by_party([party.pk]).get(party.pk, [])
    agent = name_key(asked["applicant_name"]) if asked["applicant"] != SELF else ""
    if (agent and any(agent == name for _party, name in opponents if name)) or _is_named(opponents, agent):
        raise Refused("R403", _OPPONENT_JA, reason="opponent")


def _is_named(opponents: list[Any], agent: str) -> bool:
    keys = [party_id for party_id, _name in opponents if party_id]
    return bool(agent) and Party.objects.filter(pk__in=keys, name_key=agent).exists()


def _paper(party: Party, found: Any, period: tuple[date, date]) -> HttpResponse:
    content = lookup_list_pdf(
        found,
        name=names_for([party.pk], output=OUTPUT)[party.pk],
        person_no=party.person_no,
        period=period,
        made_on=clock.today(),
    )
    return pdf_shown(content, "access-list.pdf")
