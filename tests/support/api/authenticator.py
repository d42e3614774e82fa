"""A passkey in software: answers as a browser with its authenticator does, and wrongly on request."""

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 1, 4, 64


@dataclass(slots=True)
class Authenticator:
    """One passkey.

    Attributes:
        counter: Number of uses that it reports.
        origin: Of the page that asks.
        flags: User present and verified.
    """

    origin: str
    party: str = "localhost"
    counter: int = 0
    flags: int = PRESENT | VERIFIED
    handle: bytes = b""
    id: bytes = field(default_factory=lambda: os.urandom(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a registration."""
        self.handle = plain(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(public)
        statement = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested}
        client = self._client("webauthn.create", options["challenge"])
        return self._credential(client, attestationObject=text(cbor2.dumps(statement)))

    def sign(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a log-in."""
        self.counter += 1
        client, data = self._client("webauthn.get", options["challenge"]), self._data()
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._credential(
            client, authenticatorData=text(data), signature=text(signature), userHandle=text(self.handle)
        )

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, more: int = 0) -> bytes:
        flags = bytes([self.flags | more])
        return sha256(self.party.encode()).digest() + flags + self.counter.to_bytes(4, "big")

    def _credential(self, client: bytes, **response: str) -> dict[str, Any]:
        own = text(self.id)
        shown = {"clientDataJSON": text(client), **response}
        return {"id": own, "rawId": own, "type": "public-key", "response": shown}


def text(data: bytes) -> str:
    """Encode bytes as they are sent."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def plain(encoded: str) -> bytes:
    """Decode sent bytes."""
    return urlsafe_b64decode(encoded + "==")
