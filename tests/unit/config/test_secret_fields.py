"""Finding, masking and sealing secrets in connectors' configuration."""

from __future__ import annotations

from pydantic import BaseModel, SecretStr

from opsconductor.config.provision.rows import ProvisionTable
from opsconductor.config.provision.sealing import masked_row, sealed_row, vault_name, vault_references
from opsconductor.connector.secret_fields import is_secret, secret_fields
from tests.support.daemons.declaring import INSTALLED, MailerConfig

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
