"""第二要素（セキュリティキー・職員カード）: WebAuthn with device-bound keys that verify their user (R-217)."""

import json
from datetime import timedelta
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AttestationFormat,
    AuthenticatorAttachment,
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from taxsys.platform import clock
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.enrolment import enrolment_of, enrolment_use
from taxsys.platform.staff.factors import FactorRefused
from taxsys.platform.staff.models import KeyChallenge, SecurityKey, Staff
from taxsys.platform.staff.webauthn_policy import key_policy, refusal_of

CHALLENGE_LIFE = timedelta(minutes=5)
RP_NAME = "税総合システム"


def _challenge_open(staff: Staff, purpose: str, challenge: bytes) -> None:
    at = clock.now()
    with transaction.atomic():
        KeyChallenge.objects.filter(staff=staff, purpose=purpose).delete()
        KeyChallenge.objects.create(
            staff=staff, purpose=purpose, challenge=bytes_to_base64url(challenge), expires_at=at + CHALLENGE_LIFE
        )


def _challenge_take(staff: Staff, purpose: str) -> bytes | None:
    """The open challenge, used up by being looked at: each serves one answer, right or wrong."""
    with transaction.atomic():
        row = KeyChallenge.objects.select_for_update().filter(staff=staff, purpose=purpose).first()
        if row is None:
            return None
        row.delete()
        return base64url_to_bytes(row.challenge) if clock.now() < row.expires_at else None


def _descriptors(staff: Staff) -> list[PublicKeyCredentialDescriptor]:
    keys = SecurityKey.objects.filter(staff=staff, revoked_at__isnull=True)
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.credential_id)) for key in keys]


class WebAuthnKey:
    """The factor of production: a touch on the enrolled key with its PIN or finger; works without any other server."""

    prompt_ja = "セキュリティキー（または職員カード）を挿し、「鍵で確認する」を押して、鍵のPINを入力してください。"
    wrong_ja = "鍵で確認できませんでした。登録した鍵を挿して、もう一度「鍵で確認する」を押してください。"
    has_key_form = True
    is_demonstration_only = False

    def begin(self, staff: Staff, purpose: str) -> None:
        """Refuse with 503 where the city's list is missing; the challenge is made when the page is drawn."""
        try:
            key_policy()
        except ImproperlyConfigured as error:
            raise Refused("R503", reason="no_second_factor") from error

    def options(self, staff: Staff, purpose: str) -> dict[str, Any] | None:
        """Open a challenge for one of the officer's keys, or for a new one where its enrolment has been allowed."""
        if purpose == KeyChallenge.Purpose.SIGN_IN and enrolment_of(staff) is not None:
            return {"mode": "create", "publicKey": registration_options(staff)}
        made = generate_authentication_options(
            rp_id=key_policy().rp_id,
            allow_credentials=_descriptors(staff),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        _challenge_open(staff, purpose, made.challenge)
        return {"mode": "get", "publicKey": json.loads(options_to_json(made))}

    def verify(self, staff: Staff, purpose: str, answer: str) -> bool:
        """Whether one of the officer's keys signed the open challenge, the user verified and the counter gone on."""
        enrolment = enrolment_of(staff) if purpose == KeyChallenge.Purpose.SIGN_IN else None
        if enrolment is not None:
            enrolment_use(enrolment, registration_read(staff, answer))
            return True
        challenge = _challenge_take(staff, purpose)
        if challenge is None:
            return False
        try:
            given = json.loads(answer)
            credential_id = given["id"]
        except (ValueError, KeyError, TypeError):
            return False
        with transaction.atomic():
            key = (
                SecurityKey.objects.select_for_update()
                .filter(staff=staff, credential_id=credential_id, revoked_at__isnull=True)
                .first()
            )
            return key is not None and _signed(key, given, challenge)


def _signed(key: SecurityKey, given: dict[str, Any], challenge: bytes) -> bool:
    policy = key_policy()
    try:
        found = verify_authentication_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=policy.rp_id,
            expected_origin=list(policy.origins),
            credential_public_key=base64url_to_bytes(key.public_key),
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except WebAuthnException:
        return False
    if found.credential_device_type != CredentialDeviceType.SINGLE_DEVICE or found.credential_backed_up:
        return False
    key.sign_count = found.new_sign_count
    key.last_used_at = clock.now()
    key.save(update_fields=("sign_count", "last_used_at"))
    return True


def registration_options(staff: Staff) -> dict[str, Any]:
    """登録の呼びかけ: the options of `navigator.credentials.create` for one officer; opens a challenge."""
    made = generate_registration_options(
        rp_id=key_policy().rp_id,
        rp_name=RP_NAME,
        user_id=f"staff-{staff.pk}".encode(),
        user_name=staff.staff_no,
        user_display_name=staff.name,
        attestation=AttestationConveyancePreference.DIRECT,
        authenticator_selection=AuthenticatorSelectionCriteria(
            authenticator_attachment=AuthenticatorAttachment.CROSS_PLATFORM,
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(staff),
    )
    _challenge_open(staff, KeyChallenge.Purpose.ENROL, made.challenge)
    return dict(json.loads(options_to_json(made)))


def registration_read(staff: Staff, answer: str) -> SecurityKey:
    """登録の答えを確かめる: an unsaved key that keeps the policy; raises FactorRefused."""
    challenge = _challenge_take(staff, KeyChallenge.Purpose.ENROL)
    if challenge is None:
        raise FactorRefused("時間が過ぎました。もう一度「鍵を登録する」を押してください。")
    policy = key_policy()
    try:
        found = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=policy.rp_id,
            expected_origin=list(policy.origins),
            require_user_verification=True,
            pem_root_certs_bytes_by_fmt=policy.roots,
        )
    except (WebAuthnException, ValueError) as error:
        raise FactorRefused(
            "鍵の答えを確かめられませんでした。支給された鍵か、PINを設定した鍵かを確かめてください。"
        ) from error
    refusal_ja = refusal_of(found, policy)
    if refusal_ja:
        raise FactorRefused(refusal_ja)
    return SecurityKey(
        staff=staff,
        credential_id=bytes_to_base64url(found.credential_id),
        public_key=bytes_to_base64url(found.credential_public_key),
        sign_count=found.sign_count,
        aaguid=found.aaguid,
        attestation_format=AttestationFormat(found.fmt).value,
    )
