"""Finding, masking and sealing secrets in connectors' configuration."""

from __future__ import annotations

from pydantic import BaseModel, Field, SecretStr

from opsconductor.config.provision.rows import ProvisionTable
from opsconductor.config.provision.sealing import masked_row, sealed_row, vault_name, vault_references
from opsconductor.connector.connector_type import source_type
from opsconductor.connector.package import secret_faults
from opsconductor.connector.secret_fields import is_secret, plain_secrets, secret_fields
from tests.support.daemons.declaring import INSTALLED, MailerConfig
from tests.unit.connector.test_conformance import Config, Good

ROW = {
    "name": "mail",
    "type": "mailer",
    "enabled": True,
    "config": {
        "host": "mx",
        "port": 25,
        "password": "hunter2hunter2",
        "tokens": ["one", "${env:TWO}", "vault:three"],
        "headers": {"X-Key": "four"},
        "users": [{"name": "five", "password": "sixsixsix"}],
        "hook": "seven",
    },
}


class Tree(BaseModel):
    """A model that contains itself."""

    name: str
    key: SecretStr | None = None
    children: list[Tree] = []


def test_secrets_are_found_in_every_shape() -> None:
    """Alone, optional, in lists, by key, in nested models, and excluded from repr."""
    assert set(secret_fields(MailerConfig)) == {
        ("password",),
        ("tokens", "*"),
        ("headers", "*"),
        ("users", "*", "password"),
        ("hook",),
    }


def test_model_inside_itself_ends() -> None:
    """A recursive type does not cause endless recursion."""
    assert ("key",) in secret_fields(Tree)


def test_text_written_short_for_a_list_counts_as_secret() -> None:
    """`tokens: abc` instead of `tokens: [abc]` is masked as well."""
    patterns = secret_fields(MailerConfig)
    assert is_secret(("tokens",), patterns)
    assert is_secret(("headers", "A"), patterns)
    assert not is_secret(("users", 0, "name"), patterns)
    assert not is_secret(("host",), patterns)


def test_plain_secrets_move_into_the_vault_and_references_stay() -> None:
    """The row refers to the vault, the secrets are listed by name, the rest is unchanged."""
    row, secrets = sealed_row(ROW, INSTALLED)
    assert row["config"] == {
        "host": "mx",
        "port": 25,
        "password": "vault:connector/mail/password",
        "tokens": ["vault:connector/mail/tokens/0", "${env:TWO}", "vault:three"],
        "headers": {"X-Key": "vault:connector/mail/headers/X-Key"},
        "users": [{"name": "five", "password": "vault:connector/mail/users/0/password"}],
        "hook": "vault:connector/mail/hook",
    }
    assert secrets == {
        "connector/mail/password": "hunter2hunter2",
        "connector/mail/tokens/0": "one",
        "connector/mail/headers/X-Key": "four",
        "connector/mail/users/0/password": "sixsixsix",
        "connector/mail/hook": "seven",
    }
    assert sealed_row(row, INSTALLED) == (row, {})
    assert set(vault_references([row])) == {*secrets, "three"}


def test_row_for_people_shows_no_secret() -> None:
    """Plain secrets are masked; for a type that is not installed every text is."""
    masked = masked_row(ProvisionTable.CONNECTORS, ROW, INSTALLED)
    assert masked["config"]["host"] == "mx"
    assert masked["config"]["tokens"] == ["(secret)", "${env:TWO}", "vault:three"]
    unknown = masked_row(ProvisionTable.CONNECTORS, {**ROW, "type": "retired"}, INSTALLED)
    for text in ("hunter2", "one", "four", "sixsixsix", "seven"):
        assert text not in str(masked)
        assert text not in str(unknown)


def test_names_in_the_vault_stay_words_of_bounded_length() -> None:
    """Whatever keys a configuration has, the name fits into a reference and into the table."""
    assert vault_name("m", ("headers", "a b/c")) == "connector/m/headers/a_b_c"
    long, other = vault_name("m", ("x" * 200, "a")), vault_name("m", ("x" * 200, "b"))
    assert len(long) == 100
    assert long != other


class Login(BaseModel):
    """A section with a secret and names that only resemble one."""

    password: str
    password_file: str = ""
    token_url: str = ""
    key: str = ""


class PlainConfig(BaseModel):
    """Secrets that are declared as text, in every shape, beside proper ones."""

    token: str
    api_key: str | None = None
    routingkey: int = 0
    tokens: list[str] = []
    secrets: dict[str, SecretStr] = {}
    hidden_token: str = Field(default="", repr=False)
    logins: dict[str, Login] = {}


def test_a_text_with_the_name_of_a_secret_is_one() -> None:
    """It is sealed and masked as any other, and the package that declares it is told."""
    plain = ["PlainConfig.token", "PlainConfig.api_key", "PlainConfig.tokens", "Login.password"]
    assert list(plain_secrets(PlainConfig)) == plain
    assert set(secret_fields(PlainConfig)) == {
        ("token",),
        ("api_key",),
        ("tokens",),
        ("secrets", "*"),
        ("hidden_token",),
        ("logins", "*", "password"),
    }
    faults = list(secret_faults(source_type("x", PlainConfig, lambda _, context: Good(Config(), context))))
    assert len(faults) == len(plain)
    assert faults[0].startswith("PlainConfig.token is a secret by its name, but declared as text: declare it")
