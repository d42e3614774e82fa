"""Passkeys (WebAuthn): challenges, and the check of what authenticators answer; never reads a clock.

The library checks origin, relying party, signature, user verification and counter; challenges are checked
here. User verification (PIN, fingerprint) is always required, so that a passkey alone is two factors.
"""

import hmac
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import webauthn
from webauthn.helpers import base64url_to_bytes, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from opsconductor.errors import SignInRefused
from opsconductor.guard import guarded_data
from opsconductor.limits import BoundedMap
from opsconductor.store.access.passkeys import NewPasskey, PasskeyProof
from opsconductor.store.access.users import User

NAME = "OpsConductor"
LIFETIME_S = 300
"""How long a person may take from the challenge to the answer."""
MOST_USED = 10_000
"""Used challenges that are remembered until they end."""
NONCE_BYTES, TIME_BYTES = 16, 8
REGISTER, SIGN_IN = "register", "log-in"
LOCAL_NAMES = frozenset({"localhost"})

Credential = Mapping[str, Any]
"""What `PublicKeyCredential.toJSON` returns in the browser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelyingParty:
    """Whom passkeys are made for.

    Attributes:
        id: Host name of the page; passkeys of another are not offered by browsers.
        origin: Scheme, host and port of the page.
    """

    id: str
    origin: str


class PasskeyChallenges:
    """Challenges that are signed by us, so that nothing is stored for strangers; each is accepted once."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.digest(key, b"passkey challenges", "sha256")
        self._used: BoundedMap[bytes, None] = BoundedMap(MOST_USED)

    def new(self, purpose: str, user_id: UUID | None, now_s: float) -> bytes:
        """Return a challenge.

        Args:
            user_id: Who is to answer; None: any user.
        """
        head = os.urandom(NONCE_BYTES) + int(now_s + LIFETIME_S).to_bytes(TIME_BYTES, "big")
        return head + self._signature(head, purpose, user_id)

    def use(self, challenge: bytes, purpose: str, user_id: UUID | None, now_s: float) -> None:
        """Accept a challenge, once, after the answer to it was found valid.

        Raises:
            SignInRefused: It is not ours, too old, or was used.
        """
        self.check(challenge, purpose, user_id, now_s)
        self._used[challenge] = None

    def check(self, challenge: bytes, purpose: str, user_id: UUID | None, now_s: float) -> None:
        """Check that a challenge is ours and unused; raises SignInRefused."""
        head, signature = challenge[: NONCE_BYTES + TIME_BYTES], challenge[NONCE_BYTES + TIME_BYTES :]
        if not hmac.compare_digest(signature, self._signature(head, purpose, user_id)):
            raise SignInRefused("the passkey has answered something else; try again")
        if int.from_bytes(head[NONCE_BYTES:], "big") < now_s:
            raise SignInRefused("the passkey has answered too late; try again")
        if challenge in self._used:
            raise SignInRefused("this answer of the passkey was used before; try again")

    def _signature(self, head: bytes, purpose: str, user_id: UUID | None) -> bytes:
        about = f"{purpose} {user_id}".encode("ascii")
        return hmac.digest(self._key, head + about, sha256)


def relying_party_of(public_url: str | None) -> RelyingParty | None:
    """Return whom passkeys are made for; None where browsers offer none: by address, or unencrypted."""
    parts = urlsplit(public_url or "")
    host = parts.hostname or ""
    if not host or _is_address(host) or (parts.scheme != "https" and host not in LOCAL_NAMES):
        return None
    port = "" if parts.port in (None, {"http": 80, "https": 443}.get(parts.scheme)) else f":{parts.port}"
    return RelyingParty(id=host, origin=f"{parts.scheme}://{host}{port}")


def registration_options(
    party: RelyingParty, user: User, challenge: bytes, known: Sequence[bytes]
) -> dict[str, Any]:
    """Return what a browser needs to make a passkey; `known` ones are not made again."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=NAME,
        user_name=user.username,
        user_id=user.id.bytes,
        user_display_name=user.display_name or user.username,
        challenge=challenge,
        timeout=LIFETIME_S * 1000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
    )
    return _as_json(webauthn.options_to_json(options))


def sign_in_options(party: RelyingParty, challenge: bytes) -> dict[str, Any]:
    """Return what a browser needs to let a passkey answer; the person chooses which."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=LIFETIME_S * 1000,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _as_json(webauthn.options_to_json(options))


def challenge_in(credential: Credential) -> bytes:
    """Return the challenge that an answer is about; raises SignInRefused if it cannot be read."""
    with guarded_data(WebAuthnException) as reading:
        return parse_client_data_json(base64url_to_bytes(credential["response"]["clientDataJSON"])).challenge
    raise _refused(reading.error)


def id_in(credential: Credential) -> bytes:
    """Return the id of the passkey that answers; raises SignInRefused if it cannot be read."""
    with guarded_data(WebAuthnException) as reading:
        return base64url_to_bytes(credential["rawId"])
    raise _refused(reading.error)


def made_passkey(party: RelyingParty, credential: Credential, challenge: bytes) -> NewPasskey:
    """Return the passkey that an authenticator has made; raises SignInRefused if the answer is not valid."""
    with guarded_data(WebAuthnException) as checking:
        found = webauthn.verify_registration_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
        return NewPasskey(
            credential_id=found.credential_id,
            public_key=found.credential_public_key,
            sign_count=found.sign_count,
        )
    raise _refused(checking.error)


def new_count(party: RelyingParty, credential: Credential, challenge: bytes, passkey: PasskeyProof) -> int:
    """Return the counter of an answer that proves a passkey; raises SignInRefused if it does not."""
    with guarded_data(WebAuthnException) as checking:
        found = webauthn.verify_authentication_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
        handle = credential["response"].get("userHandle")
        if handle is None or base64url_to_bytes(handle) == passkey.user_id.bytes:
            return found.new_sign_count
    raise _refused(checking.error or ValueError("it names another user"))


def _refused(error: Exception | None) -> SignInRefused:
    return SignInRefused(f"the answer of the passkey is not valid: {str(error)[:200]}")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _as_json(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found
