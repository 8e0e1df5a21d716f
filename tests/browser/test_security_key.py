"""A security key in a real browser: enrolled, used to sign in and to confirm, by Chromium's virtual authenticator."""

import re
from typing import Any
from uuid import UUID

import pytest

from taxsys.platform.staff.catalogue import catalogue
from taxsys.platform.staff.enrolment import enrolment_open
from taxsys.platform.staff.models import SecurityKey, Staff
from tests.platform.actors import officer, terminal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "ながい合言葉-春の旭川-2026"
VIRTUAL_AAGUID = str(UUID(bytes=bytes(range(1, 9)) * 2))  # what Chromium gives its virtual keys


@pytest.fixture
def clerk(settings: Any, live_server: Any) -> Staff:
    """An officer who may enrol a key; the virtual authenticator has no maker, so its chain is not asked for."""
    settings.TAXSYS_SECOND_FACTOR = "taxsys.platform.staff.webauthn_factor.WebAuthnKey"
    settings.TAXSYS_WEBAUTHN_RP_ID = "localhost"
    settings.TAXSYS_WEBAUTHN_ORIGINS = [live_server.url]
    settings.TAXSYS_WEBAUTHN_AAGUIDS = [VIRTUAL_AAGUID, "00000000-0000-0000-0000-000000000000"]
    settings.TAXSYS_WEBAUTHN_MUST_CHAIN = False
    terminal()
    staff = officer("7001", permissions=list(catalogue()))
    staff.set_password(PASSWORD)
    staff.save()
    return staff


def authenticator(page: Any, **options: Any) -> tuple[Any, str]:
    """Plug a virtual USB key with a PIN into the page's browser."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    wanted = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasResidentKey": False,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
        **options,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": wanted})
    return session, made["authenticatorId"]


def password(page: Any) -> None:
    page.goto("/sign-in")
    page.locator("#id_staff_no").fill("7001")
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="次へ").click()
    page.locator("#security-key-button").wait_for()


def touch(page: Any) -> None:
    page.locator("#security-key-button").click()


@pytest.mark.req("R-217")
def test_a_key_is_enrolled_signs_in_and_confirms(browser_page: Any, clerk: Staff) -> None:
    page = browser_page
    session, name = authenticator(page)
    enrolment_open(clerk, purpose="additional")
    password(page)
    assert "鍵を登録する" in page.locator("#security-key-button").inner_text()
    touch(page)
    page.wait_for_url("**/")
    page.get_by_role("button", name="終了").click()
    password(page)
    assert "鍵で確認する" in page.locator("#security-key-button").inner_text()
    touch(page)
    page.wait_for_url("**/")
    page.goto("/step-up?next=/approvals/")
    page.locator("#security-key-button").wait_for()
    touch(page)
    # Not a glob: the address of the confirmation itself ends with ?next=/approvals/.
    page.wait_for_url(re.compile(r"^[^?]*/approvals/$"))
    row = SecurityKey.objects.get()
    assert (row.staff, row.aaguid in (VIRTUAL_AAGUID, "00000000-0000-0000-0000-000000000000")) == (clerk, True)
    kept = session.send("WebAuthn.getCredentials", {"authenticatorId": name})["credentials"]
    assert row.sign_count == kept[0]["signCount"] >= 3


@pytest.mark.req("R-217")
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"defaultBackupEligibility": True, "defaultBackupState": True}, "他の機器と同期される鍵"),
        ({"isUserVerified": False}, "鍵で確認できませんでした"),
    ],
    ids=["synced", "user not verified"],
)
def test_a_synced_key_or_one_without_its_pin_is_not_enrolled(
    browser_page: Any, clerk: Staff, options: dict[str, Any], words: str
) -> None:
    page = browser_page
    authenticator(page, **options)
    enrolment_open(clerk, purpose="additional")
    password(page)
    touch(page)
    page.get_by_text(words).first.wait_for()
    assert SecurityKey.objects.count() == 0
