"""登録・変更 on the card: delivery addresses, who acts for whom, people who are not residents."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from addressbook.card import card_context
from addressbook.codes import LinkKind, PartyKind
from addressbook.errors import AddressbookError, PartyNotFound
from addressbook.forms import DeliveryForm, EndForm, HouseForm, LinkForm, NonresidentForm
from addressbook.models import DeliveryAddress, Party, PartyLink
from addressbook.permissions import EDIT_PARTY
from addressbook.selectors.parties import parties_by_person_no
from addressbook.services.changes import delivery_end, link_end, nonresident_change, row_from
from addressbook.services.parties import SOURCE_STAFF, NonresidentRow, delivery_set, link_set
from addressbook.subject_token import token_check, token_make
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires

METHODS = ["GET", "HEAD", "POST"]
Act = Callable[[dict[str, Any]], str]
_DELIVERY = ("tax_kind", "valid_from", "valid_to", "addressee_name", "zip", "address_text", "building_text", "reason")


def _edit(
    request: HttpRequest,
    values: dict[str, Any],
    *,
    form: HouseForm,
    title_ja: str,
    act: Act,
) -> HttpResponse:
    """Draw the form, or check its token and do the act; an error of the duty stands in the form it belongs to."""
    party = values["party"]
    form_id = request.resolver_match.url_name if request.resolver_match else ""
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            token_check(request.POST.get("token", ""), party, staff=request.user, form_id=form_id or "")
            try:
                with transaction.atomic():  # the act and its event stand or fall together
                    done_ja = act(form.cleaned_data)
            except AddressbookError as error:
                form.add_error(error.field if error.field in form.fields else None, error.message_ja)
            else:
                messages.success(request, done_ja)
                return redirect("party-household", party_id=party.id)
    else:
        form.initial["token"] = token_make(party, staff=request.user, form_id=form_id or "")
    return render(request, "addressbook/edit.html", {**values, "form": form, "heading_ja": title_ja}, status=status)


def _open(request: HttpRequest, party_id: UUID) -> dict[str, Any]:
    """The card; a hidden person's addresses are changed only by who may see them."""
    return card_context(request, party_id, "household")


def _not_hidden(values: dict[str, Any]) -> None:
    if values["person"]["is_protected"]:
        raise Refused(
            "R403",
            "支援措置対象者（同じ世帯の方を含む）の住所・送付先は、この画面では変更できません。支援措置の所管に連絡してください。",
            reason="protected",
        )


@requires(EDIT_PARTY)
@sensitive_post_parameters()
@require_http_methods(METHODS)
def delivery_new(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """送付先の登録; one that stood for the same tax ends on its first day."""
    values = _open(request, party_id)
    _not_hidden(values)
    form = DeliveryForm(request.POST or None, initial={"valid_from": clock.today()})

    def act(entered: dict[str, Any]) -> str:
        fields = {name: entered[name] for name in _DELIVERY}
        delivery_set(DeliveryAddress(party=values["party"], **fields))
        _recorded(values["party"], "delivery")
        return "送付先を登録しました。"

    return _edit(request, values, form=form, title_ja="送付先の登録", act=act)


@requires(EDIT_PARTY)
@require_http_methods(METHODS)
def delivery_close(request: HttpRequest, party_id: UUID, delivery_id: int) -> HttpResponse:
    """送付先の終了."""
    values = _open(request, party_id)
    form = EndForm(request.POST or None, initial={"ends_on": clock.today()})

    def act(entered: dict[str, Any]) -> str:
        delivery_end(delivery_id, party_id=values["party"].id, ends_on=entered["ends_on"])
        _recorded(values["party"], "delivery")
        return "送付先を終了しました。"

    return _edit(request, values, form=form, title_ja="送付先の終了", act=act)


@requires(EDIT_PARTY)
@require_http_methods(METHODS)
def link_new(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """納税管理人・相続人代表者等の登録, the other party by its person number."""
    values = _open(request, party_id)
    form = LinkForm(request.POST or None, initial={"valid_from": clock.today()})

    def act(entered: dict[str, Any]) -> str:
        agent_id = parties_by_person_no([entered["agent_no"]]).get(entered["agent_no"])
        if agent_id is None:
            raise PartyNotFound(field="agent_no")
        if agent_id == values["party"].id:
            raise PartyNotFound("本人を相手方にはできません。", field="agent_no")
        link_set(
            PartyLink(
                party=values["party"], agent_id=agent_id, kind=entered["kind"], tax_kind=entered["tax_kind"],
                valid_from=entered["valid_from"], valid_to=entered["valid_to"],
            )
        )  # fmt: skip
        access_record(action="update", subjects=[str(values["party"].id), str(agent_id)], record_type="link")
        return f"{LinkKind(entered['kind']).label}を登録しました。"

    return _edit(request, values, form=form, title_ja="納税管理人・相続人代表者等の登録", act=act)


@requires(EDIT_PARTY)
@require_http_methods(METHODS)
def link_close(request: HttpRequest, party_id: UUID, link_id: int) -> HttpResponse:
    """関係の終了."""
    values = _open(request, party_id)
    form = EndForm(request.POST or None, initial={"ends_on": clock.today()})

    def act(entered: dict[str, Any]) -> str:
        link_end(link_id, party_id=values["party"].id, ends_on=entered["ends_on"])
        _recorded(values["party"], "link")
        return "関係を終了しました。"

    return _edit(request, values, form=form, title_ja="納税管理人・相続人代表者等の終了", act=act)


@requires(EDIT_PARTY)
@sensitive_post_parameters()
@require_http_methods(METHODS)
def nonresident_edit(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """住登外者の異動: name, birth date, address from a day on; what stood before stays in the history."""
    values = _open(request, party_id)
    _not_hidden(values)
    party: Party = values["party"]
    if party.kind != PartyKind.NONRESIDENT_REGISTRANT:
        raise Refused("R404", reason="not_found")
    standing = row_from(party)
    names = ("name", "name_kana", "birth_on", "sex", "zip", "address_text", "building_text")
    initial = {name: getattr(standing, name) for name in names} | {"changed_on": clock.today()}
    form = NonresidentForm(request.POST or None, initial=initial)

    def act(entered: dict[str, Any]) -> str:
        row = NonresidentRow(
            **{name: entered[name] for name in names},
            municipality_code=standing.municipality_code if entered["address_text"] == standing.address_text else "",
        )
        changed = nonresident_change(party.id, row, changed_on=entered["changed_on"], source=SOURCE_STAFF)
        if changed:
            _recorded(party, "party")
        return "住登外者の異動を登録しました。" if changed else "変更はありませんでした。"

    return _edit(request, values, form=form, title_ja="住登外者の異動", act=act)


def _recorded(party: Party, record_type: str) -> None:
    access_record(action="update", subjects=[str(party.id)], record_type=record_type, record_id=party.person_no)
