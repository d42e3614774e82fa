"""Which passkeys are accepted, and why others are refused; without a browser, with its own clock."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from opsconductor.api.auth.passkeys import (
    LIFETIME_S,
    REGISTER,
    SIGN_IN,
    PasskeyChallenges,
    RelyingParty,
    challenge_in,
    made_passkey,
    new_count,
    registration_options,
    relying_party_of,
    sign_in_options,
)
from opsconductor.errors import SignInRefused
from opsconductor.store.access.passkeys import PasskeyProof
from opsconductor.store.access.users import User
from tests.support.api.authenticator import PRESENT, Authenticator

PARTY = RelyingParty(id="noc.example", origin="https://noc.example")
USER = User(
    id=UUID(int=7),
    username="anna",
    display_name=None,
    email=None,
    enabled=True,
    roles=(),
    has_password=True,
    has_second_factor=False,
    last_login_at=None,
    created_at=datetime.now(UTC),
)
NOW_S = 1_000_000.0


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://noc.example/ops/", "https://noc.example"),
        ("https://noc.example:8443/", "https://noc.example:8443"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("http://noc.example/", None),
        ("https://192.0.2.1/", None),
        ("https://[2001:db8::1]/", None),
        (None, None),
    ],
)
def test_passkeys_are_for_the_origin_of_the_page(url: str | None, origin: str | None) -> None:
    """Browsers offer none for IP addresses or without encryption, except for localhost."""
    party = relying_party_of(url)
    assert (party and party.origin) == origin


def made() -> tuple[Authenticator, PasskeyProof]:
    """Make a passkey for the user."""
    device = Authenticator(PARTY.origin, PARTY.id)
    challenge = PasskeyChallenges(b"k").new(REGISTER, USER.id, NOW_S)
    found = made_passkey(PARTY, device.make(registration_options(PARTY, USER, challenge, [])), challenge)
    proof = PasskeyProof(
        id=uuid4(), user_id=USER.id, username="anna", public_key=found.public_key, sign_count=found.sign_count
    )
    return device, proof


def test_a_passkey_proves_its_user_with_a_growing_counter() -> None:
    """The same answer is refused the second time: its counter has not grown."""
    device, proof = made()
    challenge = PasskeyChallenges(b"k").new(SIGN_IN, None, NOW_S)
    answer = device.sign(sign_in_options(PARTY, challenge))
    assert new_count(PARTY, answer, challenge, proof) == 1
    with pytest.raises(SignInRefused, match="sign count"):
        new_count(PARTY, answer, challenge, replace(proof, sign_count=1))


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"origin": "https://noc.example.evil"}, "origin"),
        ({"party": "evil.example"}, "RP ID"),
        ({"flags": PRESENT}, "not verified"),
        ({"handle": UUID(int=8).bytes}, "another user"),
        ({"key": Authenticator("x").key}, "signature"),
    ],
)
def test_answers_of_another_page_key_or_user_are_refused(wrong: dict[str, object], reason: str) -> None:
    """Answers without user verification are refused, too."""
    device, proof = made()
    challenge = PasskeyChallenges(b"k").new(SIGN_IN, None, NOW_S)
    other = replace(device, **wrong)
    with pytest.raises(SignInRefused, match=reason):
        new_count(PARTY, other.sign(sign_in_options(PARTY, challenge)), challenge, proof)


def test_a_registration_of_another_page_is_refused() -> None:
    """A registration without user verification is refused, too."""
    challenge = PasskeyChallenges(b"k").new(REGISTER, USER.id, NOW_S)
    options = registration_options(PARTY, USER, challenge, [])
    for device in (
        Authenticator("https://evil", PARTY.id),
        Authenticator(PARTY.origin, PARTY.id, flags=PRESENT),
    ):
        with pytest.raises(SignInRefused, match="not valid"):
            made_passkey(PARTY, device.make(options), challenge)


def test_a_challenge_is_valid_once_for_one_purpose_and_time() -> None:
    """A replayed, late or invented challenge, and one for another user or purpose, is refused."""
    known = PasskeyChallenges(b"k")
    challenge = known.new(REGISTER, USER.id, NOW_S)
    for user, purpose, now_s, key in (
        (UUID(int=8), REGISTER, NOW_S, b"k"),
        (USER.id, SIGN_IN, NOW_S, b"k"),
        (USER.id, REGISTER, NOW_S + LIFETIME_S + 1, b"k"),
        (USER.id, REGISTER, NOW_S, b"another key"),
    ):
        with pytest.raises(SignInRefused):
            PasskeyChallenges(key).check(challenge, purpose, user, now_s)
    known.use(challenge, REGISTER, USER.id, NOW_S)
    with pytest.raises(SignInRefused, match="used before"):
        known.check(challenge, REGISTER, USER.id, NOW_S)
    with pytest.raises(SignInRefused):
        known.check(b"", REGISTER, USER.id, NOW_S)


@pytest.mark.parametrize("client", ["", "AAAA", "e30", "W10", "eyJjaGFsbGVuZ2UiOjF9"])
def test_damaged_answers_are_refused(client: str) -> None:
    """Whatever error the library raises, the answer is refused."""
    with pytest.raises(SignInRefused):
        challenge_in({"response": {"clientDataJSON": client}})
    with pytest.raises(SignInRefused):
        made_passkey(PARTY, {"id": client, "rawId": client, "response": {"attestationObject": client}}, b"c")
