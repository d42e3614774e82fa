"""Secrets of the configuration are masked in every text."""

from base64 import b64encode

import pytest
from pydantic import BaseModel, SecretBytes, SecretStr

from opsconductor.connector.secret_fields import secrets_in
from opsconductor.model.masking import KnownSecrets


class Account(BaseModel):
    """A part of a configuration."""

    user: str
    password: SecretStr


class Config(BaseModel):
    """A configuration with secrets at several depths."""

    token: SecretStr
    key: SecretBytes
    accounts: list[Account]
    headers: dict[str, SecretStr]


def test_all_secrets_of_a_configuration_are_found() -> None:
    """In lists, mappings and models inside; other texts are none."""
    config = Config(
        token=SecretStr("token-1234"),
        key=SecretBytes(b"key-123456"),
        accounts=[Account(user="monitoring", password=SecretStr("password-1"))],
        headers={"X-Key": SecretStr("header-key-1")},
    )
    assert sorted(secrets_in(config)) == ["header-key-1", "key-123456", "password-1", "token-1234"]


def test_longer_secrets_are_masked_first_and_short_ones_are_words() -> None:
    """No end of a secret is left that begins as another one; `public` stays readable."""
    known = KnownSecrets()
    known.note(["abcdefgh", "abcdefgh-ijkl", "public"])
    known.note([])
    assert known.hide("abcdefgh-ijkl, abcdefgh, public") == "***, ***, public"


@pytest.mark.parametrize(
    "shown",
    [
        "https://monitoring:p%40ss%2Fword%3A1%22@acme/",
        "https://acme/?password=p%40ss/word%3A1%22",
        "{'password': 'p@ss/word:1\"'}",
        '{"password": "p@ss/word:1\\""}',
        "Basic " + b64encode(b'a:p@ss/word:1"').decode(),
        "Basic " + b64encode(b'ab:p@ss/word:1"').decode(),
        "Basic " + b64encode(b'abc:p@ss/word:1"').decode(),
    ],
)
def test_a_secret_is_masked_in_every_form(shown: str) -> None:
    """In URLs, in `repr` and JSON, and in Basic credentials of any user."""
    known = KnownSecrets()
    known.note(['p@ss/word:1"'])
    hidden = known.hide(shown)
    assert "***" in hidden
    for form in ("ss/word", "ss%2Fword", "cHNzL3dvcm", "3dvcm", "d29yZD"):
        assert form not in hidden
