"""A security key in software: makes registrations and answers as a device would, honest or not, for the tests."""

import hashlib
import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from webauthn.helpers import bytes_to_base64url

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40
AAGUID = "2fc0579f-8113-47ea-b116-bb5a8db9202a"
ORIGIN, RP_ID = "https://tax.city.example", "tax.city.example"


def _name(**parts: str) -> x509.Name:
    oids = {"C": NameOID.COUNTRY_NAME, "O": NameOID.ORGANIZATION_NAME, "CN": NameOID.COMMON_NAME}
    oids["OU"] = NameOID.ORGANIZATIONAL_UNIT_NAME
    return x509.Name([x509.NameAttribute(oids[key], value) for key, value in parts.items()])


@dataclass
class Maker:
    """A maker of keys: root certificate, and the batch certificate its keys sign with."""

    aaguid: str = AAGUID
    root_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    batch_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def _certificate(self, subject: x509.Name, key: Any, *, is_root: bool) -> x509.Certificate:
        begin = datetime.now(UTC) - timedelta(days=400)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(_name(C="JP", O="Maker", CN="Root"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(begin + timedelta(days=20_000))
            .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        )
        return builder.sign(self.root_key, SHA256())

    def root_pem(self) -> bytes:
        """The root certificate a city would take."""
        root = self._certificate(_name(C="JP", O="Maker", CN="Root"), self.root_key, is_root=True)
        return root.public_bytes(Encoding.PEM)

    def batch_der(self) -> bytes:
        """The certificate that goes with each registration."""
        subject = _name(C="JP", O="Maker", OU="Authenticator Attestation", CN="Batch")
        return self._certificate(subject, self.batch_key, is_root=False).public_bytes(Encoding.DER)


@dataclass
class SoftKey:
    """One key: `flags` are what it claims of its user and of itself, `counter` its next sign count."""

    maker: Maker
    flags: int = UP | UV
    counter: int = 1
    origin: str = ORIGIN
    rp_id: str = RP_ID
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _auth_data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")

    def register(self, options: dict[str, Any], *, attested: bool = True) -> str:
        """The answer to `navigator.credentials.create`."""
        numbers = self.private.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        data = self._auth_data(self.flags | AT) + UUID(self.maker.aaguid).bytes
        self.counter += 1
        data += len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(cose)
        client = self._client_data("webauthn.create", options["publicKey"]["challenge"])
        statement: dict[str, Any] = {}
        if attested:
            signed = self.maker.batch_key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
            statement = {"alg": -7, "sig": signed, "x5c": [self.maker.batch_der()]}
        attestation = {"fmt": "packed" if attested else "none", "attStmt": statement, "authData": data}
        response = {
            "clientDataJSON": bytes_to_base64url(client),
            "attestationObject": bytes_to_base64url(cbor2.dumps(attestation)),
        }
        return self._credential(response)

    def sign(self, options: dict[str, Any]) -> str:
        """The answer to `navigator.credentials.get`; the counter goes on."""
        data = self._auth_data(self.flags)
        client = self._client_data("webauthn.get", options["publicKey"]["challenge"])
        signed = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        self.counter += 1
        response = {
            "clientDataJSON": bytes_to_base64url(client),
            "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(signed),
            "userHandle": None,
        }
        return self._credential(response)

    def _credential(self, response: dict[str, Any]) -> str:
        name = bytes_to_base64url(self.credential_id)
        return json.dumps(
            {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}
        )
