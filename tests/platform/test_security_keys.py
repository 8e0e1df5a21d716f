"""Security keys: bound to a device, attested by a known maker, enrolled and recovered by two people (R-217, R-219)."""

import json
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client

from taxsys.platform.approvals.errors import OwnProposal
from taxsys.platform.approvals.permissions import DECIDE, VIEW_QUEUE
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.rights import keys, permissions
from taxsys.platform.rights.appointments import appointment_give
from taxsys.platform.rights.errors import NotAppointed, SamePerson
from taxsys.platform.staff.enrolment import enrolment_open
from taxsys.platform.staff.factors import FactorRefused
from taxsys.platform.staff.models import KeyChallenge, KeyEnrolment, SecurityKey, Staff
from taxsys.platform.staff.permissions import HOME, SELF
from taxsys.platform.staff.webauthn_factor import WebAuthnKey
from taxsys.platform.staff.webauthn_policy import key_policy
from tests.platform.actors import FROM_ON, officer, sign_in, terminal
from tests.platform.soft_key import AAGUID, BE, BS, ORIGIN, RP_ID, UP, Maker, SoftKey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_hashes")]
PASSWORD = "ながい合言葉-春の旭川-2026"
FACTOR = WebAuthnKey()


@pytest.fixture(autouse=True)
def maker(settings: Any, tmp_path: Path) -> Maker:
    """A city that takes the keys of one maker, its root certificate in a folder."""
    made = Maker()
    (tmp_path / "roots").mkdir()
    (tmp_path / "roots" / "maker.pem").write_bytes(made.root_pem())
    settings.TAXSYS_SECOND_FACTOR = "taxsys.platform.staff.webauthn_factor.WebAuthnKey"
    settings.TAXSYS_WEBAUTHN_RP_ID = RP_ID
    settings.TAXSYS_WEBAUTHN_ORIGINS = [ORIGIN]
    settings.TAXSYS_WEBAUTHN_AAGUIDS = [AAGUID]
    settings.TAXSYS_WEBAUTHN_ROOTS_DIR = str(tmp_path / "roots")
    return made


@pytest.fixture
def clerk() -> Staff:
    terminal()
    staff = officer("7001", permissions=[HOME, SELF])
    staff.set_password(PASSWORD)
    staff.save()
    return staff


def options(staff: Staff, purpose: str = "sign_in") -> dict[str, Any]:
    found = FACTOR.options(staff, purpose)
    assert found is not None
    return found


def enrolled(staff: Staff, key: SoftKey, purpose: str = "additional") -> SoftKey:
    enrolment_open(staff, purpose=purpose)
    assert FACTOR.verify(staff, "sign_in", key.register(options(staff)))
    return key


def refusal(staff: Staff, answer: str) -> str:
    with pytest.raises(FactorRefused) as caught:
        FACTOR.verify(staff, "sign_in", answer)
    assert SecurityKey.objects.count() == 0
    return caught.value.message_ja


@pytest.mark.req("R-217")
def test_password_and_touch_sign_in_on_the_page(client: Client, clerk: Staff, maker: Maker) -> None:
    enrolment_open(clerk, purpose="additional")
    key = SoftKey(maker)
    for mode in ("create", "get"):
        page = client.post("/sign-in", {"staff_no": "7001", "password": PASSWORD}).content.decode()
        asked = json.loads(unescape(page.split('data-options="')[1].split('"')[0]))
        assert asked["mode"] == mode
        assert asked["publicKey"].get("userVerification", "required") == "required"
        answer = key.register(asked) if mode == "create" else key.sign(asked)
        assert client.post("/sign-in", {"code": answer}).status_code == 302
        assert client.get("/").status_code == 200
        client.post("/sign-out")
    row = SecurityKey.objects.get()
    assert (row.staff, row.aaguid, row.attestation_format, row.sign_count) == (clerk, AAGUID, "packed", 2)


def test_a_wrong_answer_is_refused_recorded_and_gets_a_new_challenge(
    client: Client, clerk: Staff, maker: Maker
) -> None:
    key = enrolled(clerk, SoftKey(maker))
    client.post("/sign-in", {"staff_no": "7001", "password": PASSWORD})
    first = KeyChallenge.objects.get().challenge
    for answer in ("{}", "no json", "[]", SoftKey(maker).sign({"publicKey": {"challenge": first}})):
        assert client.post("/sign-in", {"code": answer}).status_code == 422
    assert KeyChallenge.objects.get().challenge != first
    assert client.post("/sign-in", {"code": key.sign({"publicKey": {"challenge": first}})}).status_code in (422, 429)
    assert "_auth_user_id" not in client.session
    assert AccessEvent.objects.filter(result="denied", reason="second_factor").count() >= 4


@pytest.mark.req("R-217")
@pytest.mark.parametrize("flags", [UP | 0x04 | BE, UP | 0x04 | BE | BS], ids=["may be synced", "is synced"])
def test_a_synced_passkey_is_refused(clerk: Staff, maker: Maker, flags: int) -> None:
    enrolment_open(clerk, purpose="additional")
    assert "同期される鍵" in refusal(clerk, SoftKey(maker, flags=flags).register(options(clerk)))


@pytest.mark.req("R-217")
def test_a_key_without_user_verification_is_refused_at_enrolment_and_at_sign_in(clerk: Staff, maker: Maker) -> None:
    enrolment_open(clerk, purpose="additional")
    assert "PIN" in refusal(clerk, SoftKey(maker, flags=UP).register(options(clerk)))
    key = enrolled(clerk, SoftKey(maker))
    key.flags = UP
    assert not FACTOR.verify(clerk, "sign_in", key.sign(options(clerk)))


def test_a_make_that_is_not_listed_an_unknown_maker_and_an_unattested_key_are_refused(
    clerk: Staff, maker: Maker
) -> None:
    enrolment_open(clerk, purpose="additional")
    other_make = Maker(aaguid="00000000-0000-0000-0000-0000000000aa", root_key=maker.root_key)
    assert "市の一覧にありません" in refusal(clerk, SoftKey(other_make).register(options(clerk)))
    assert "確かめられませんでした" in refusal(clerk, SoftKey(Maker()).register(options(clerk)))
    unattested = SoftKey(maker).register(options(clerk), attested=False)
    assert "製造元を証明書で確かめられません" in refusal(clerk, unattested)


@pytest.mark.parametrize("field", ["origin", "rp_id"])
def test_an_answer_for_another_site_is_refused(clerk: Staff, maker: Maker, field: str) -> None:
    key = enrolled(clerk, SoftKey(maker))
    setattr(key, field, "https://evil.example" if field == "origin" else "evil.example")
    assert not FACTOR.verify(clerk, "sign_in", key.sign(options(clerk)))


def test_a_counter_that_goes_back_is_a_copied_key(clerk: Staff, maker: Maker) -> None:
    key = enrolled(clerk, SoftKey(maker, counter=40))
    key.counter = 41
    assert FACTOR.verify(clerk, "step_up", key.sign(options(clerk, "step_up")))
    for count in (41, 40, 0):
        key.counter = count
        assert not FACTOR.verify(clerk, "step_up", key.sign(options(clerk, "step_up")))
    assert SecurityKey.objects.get().sign_count == 41


def test_an_answer_serves_once_in_its_purpose_and_for_five_minutes(clerk: Staff, maker: Maker) -> None:
    key = enrolled(clerk, SoftKey(maker))
    with time_machine.travel("2026-11-20 01:00:00+00:00", tick=False) as moving:
        answer = key.sign(options(clerk))
        assert not FACTOR.verify(clerk, "step_up", answer)
        assert FACTOR.verify(clerk, "sign_in", answer)
        assert not FACTOR.verify(clerk, "sign_in", answer)
        late = key.sign(options(clerk))
        moving.shift(timedelta(minutes=5, seconds=1))
        assert not FACTOR.verify(clerk, "sign_in", late)


def test_a_key_serves_its_owner_only_and_one_key_has_one_owner(clerk: Staff, maker: Maker) -> None:
    key = enrolled(clerk, SoftKey(maker))
    colleague = officer("7002", permissions=[HOME])
    assert not FACTOR.verify(colleague, "sign_in", key.sign(options(colleague)))
    enrolment_open(colleague, purpose="additional")
    with pytest.raises(IntegrityError), transaction.atomic():
        FACTOR.verify(colleague, "sign_in", key.register(options(colleague)))


# ---- enrolled and recovered by two people


def desk() -> tuple[Staff, Staff]:
    head = officer("7003", permissions=[HOME, SELF, permissions.PEOPLE, permissions.VIEW])
    appointment_give(head, duty="unit_head", scope="102", from_on=FROM_ON)
    rights = [HOME, VIEW_QUEUE, DECIDE, permissions.PEOPLE, permissions.APPROVE_KEY]
    return head, officer("7004", permissions=rights, unit_name="情報政策課")


@pytest.mark.req("R-217")
def test_enrolment_takes_two_people_besides_the_owner(client: Client, clerk: Staff, maker: Maker) -> None:
    head, administrator = desk()
    with pytest.raises(SamePerson):
        keys.key_propose(head, purpose="additional", actor=head)
    with pytest.raises(NotAppointed):
        keys.key_propose(clerk, purpose="additional", actor=administrator)
    sign_in(client, head)
    assert client.post(f"/rights/people/{clerk.pk}/key", {"purpose": "additional"}).status_code == 302
    assert client.post(f"/rights/people/{clerk.pk}/key", {"purpose": "additional"}).status_code == 409
    approval = head.proposals.get()
    assert options(clerk)["mode"] == "get"
    with pytest.raises(OwnProposal):
        approval_decide(approval.pk, decision="approve", actor=head, seen_hash=approval.content_hash)
    approval_decide(approval.pk, decision="approve", actor=administrator, seen_hash=approval.content_hash)
    assert FACTOR.verify(clerk, "sign_in", SoftKey(maker).register(options(clerk)))
    row = KeyEnrolment.objects.get()
    assert (row.opened_by, row.approved_by, row.key.staff) == (head, administrator, clerk)
    assert options(clerk)["mode"] == "get"
    with pytest.raises(IntegrityError, match="key_enrolment_by_two_others"), transaction.atomic():
        enrolment_open(clerk, purpose="additional", opened_by=head, approved_by=clerk)


@pytest.mark.req("R-217")
def test_a_recovery_ends_the_earlier_keys_and_a_lost_key_is_stopped_at_once(
    client: Client, clerk: Staff, maker: Maker
) -> None:
    lost = enrolled(clerk, SoftKey(maker))
    head, administrator = desk()
    sign_in(client, head)
    assert client.post(f"/rights/people/{clerk.pk}/stop-keys").status_code == 302
    assert not FACTOR.verify(clerk, "sign_in", lost.sign(options(clerk)))
    second = enrolled(clerk, SoftKey(maker))
    approval = keys.key_propose(clerk, purpose="recovery", actor=head)
    approval_decide(approval.pk, decision="approve", actor=administrator, seen_hash=approval.content_hash)
    third = SoftKey(maker)
    assert FACTOR.verify(clerk, "sign_in", third.register(options(clerk)))
    assert not FACTOR.verify(clerk, "sign_in", second.sign(options(clerk)))
    assert FACTOR.verify(clerk, "sign_in", third.sign(options(clerk)))
    assert SecurityKey.objects.filter(revoked_at__isnull=True).count() == 1


def test_the_permission_to_enrol_ends_after_half_an_hour(clerk: Staff, maker: Maker) -> None:
    with time_machine.travel("2026-11-20 01:00:00+00:00", tick=False) as moving:
        enrolment_open(clerk, purpose="additional")
        moving.shift(timedelta(minutes=30, seconds=1))
        assert options(clerk)["mode"] == "get"


def test_the_first_two_keys_of_an_installation_come_from_the_command_and_no_third(clerk: Staff, maker: Maker) -> None:
    for number in ("7001", "7002"):
        staff = officer(number, permissions=[HOME])
        call_command("first_key", number)
        assert FACTOR.verify(staff, "sign_in", SoftKey(maker).register(options(staff)))
    officer("7003")
    with pytest.raises(CommandError, match="二人"):
        call_command("first_key", "7003")
    assert AccessEvent.objects.filter(reason="first_key", actor_id="first_key").count() == 2


@pytest.mark.parametrize(
    "name", ["TAXSYS_WEBAUTHN_RP_ID", "TAXSYS_WEBAUTHN_ORIGINS", "TAXSYS_WEBAUTHN_AAGUIDS", "TAXSYS_WEBAUTHN_ROOTS_DIR"]
)
def test_without_its_list_of_makes_or_roots_nobody_signs_in(
    client: Client, clerk: Staff, settings: Any, name: str
) -> None:
    setattr(settings, name, type(getattr(settings, name))())
    assert client.post("/sign-in", {"staff_no": "7001", "password": PASSWORD}).status_code == 503
    with pytest.raises(ImproperlyConfigured, match=name):
        key_policy()
