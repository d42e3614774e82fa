"""The vault and its key."""

import base64
import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from opsconductor.config.settings import SecretsSettings
from opsconductor.config.vault import Vault, find_key, key_check, parse_key
from opsconductor.errors import SecretError

KEY = bytes(range(32))
NO_KEY = SecretsSettings()


def test_a_sealed_secret_can_be_opened() -> None:
    """Secrets are returned unchanged, and two seals of one secret have nothing in common."""
    empty = Vault(KEY, {})
    sealed, again = empty.seal("a", "pässword"), empty.seal("a", "pässword")
    assert sealed != again
    assert "pässword".encode() not in sealed
    vault = Vault(KEY, {"a": sealed})
    assert vault.open("a") == "pässword"
    assert vault.names == ("a",)
    assert "a" in vault
    assert "pässword" not in repr(vault)


@pytest.mark.parametrize("name", ["a", "b"])
def test_a_tampered_secret_does_not_open(name: str) -> None:
    """A changed byte, another key, or a ciphertext moved to another name is refused."""
    sealed = Vault(KEY, {}).seal("a", "secret")
    for key, content in (
        (KEY, sealed if name == "b" else sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (bytes(32), sealed),
        (KEY, b""),
        (KEY, sealed[:14]),
    ):
        with pytest.raises(SecretError, match=f"vault:{name}: the entry is damaged"):
            Vault(key, {name: content}).open(name)


def test_missing_entry_says_how_to_add_it() -> None:
    """The error contains the command that adds it."""
    with pytest.raises(SecretError, match="opsconductor credential set smtp"):
        Vault(KEY, {}).open("smtp")


@pytest.mark.parametrize("name", ["", "a b", "/a", "a\n", "x" * 101, "${env:X}"])
def test_names_that_no_reference_could_hold_are_refused(name: str) -> None:
    """The name in `vault:NAME` must be one word."""
    with pytest.raises(SecretError, match="is not a valid name in the vault"):
        Vault(KEY, {}).seal(name, "x")


def test_empty_secret_is_refused() -> None:
    """An empty password is a mistake."""
    with pytest.raises(SecretError, match="empty"):
        Vault(KEY, {}).seal("a", "")


@pytest.mark.parametrize(
    "text",
    [
        KEY.hex(),
        KEY.hex().upper(),
        base64.b64encode(KEY).decode(),
        base64.urlsafe_b64encode(KEY).decode() + "\n",
    ],
)
def test_key_is_read_in_every_usual_form(text: str) -> None:
    """Hexadecimal and both forms of base64."""
    assert parse_key(text, "test") == KEY


@pytest.mark.parametrize("text", ["", "hunter2", "00" * 31, base64.b64encode(b"x" * 31).decode(), "ü" * 64])
def test_an_invalid_key_is_refused_without_showing_it(text: str) -> None:
    """The error says what a key is and how to make one."""
    with pytest.raises(SecretError, match="openssl rand -base64 32") as raised:
        parse_key(text, "test")
    assert "hunter2" not in str(raised.value)


def test_configured_key_wins_over_credential_and_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Configured, then systemd's credential, then the file."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    from_file = find_key(NO_KEY, tmp_path)
    (tmp_path / "opsconductor-key").write_text(bytes(32).hex())
    assert find_key(NO_KEY, tmp_path) == bytes(32) != from_file
    assert find_key(SecretsSettings(key=SecretStr(KEY.hex())), tmp_path) == KEY


def test_key_file_is_made_once_and_readable_by_us_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first start makes it with mode 0600; later ones read it."""
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    folder = tmp_path / "new"
    key = find_key(NO_KEY, folder)
    assert (folder / "secrets.key").stat().st_mode & 0o777 == 0o600
    assert find_key(NO_KEY, folder) == key
    assert os.listdir(folder) == ["secrets.key"]  # noqa: PTH208 - nothing else may be left


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_key_file_that_others_may_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    """The error says what to do about it."""
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    path = tmp_path / "secrets.key"
    path.write_text(KEY.hex())
    path.chmod(mode)
    with pytest.raises(SecretError, match=f"chmod 600 {path}"):
        find_key(NO_KEY, tmp_path)


def test_broken_key_files_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A binary key file, a folder in its place, or a data directory that cannot be made."""
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    path = tmp_path / "secrets.key"
    path.write_bytes(b"\xff" * 32)
    path.chmod(0o600)
    with pytest.raises(SecretError, match="base64 or hexadecimal"):
        find_key(NO_KEY, tmp_path)
    with pytest.raises(SecretError, match="not accessible"):
        find_key(NO_KEY, path / "below a file")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "opsconductor-key").mkdir()
    with pytest.raises(SecretError, match="cannot be read"):
        find_key(NO_KEY, tmp_path)


def test_check_of_a_key_distinguishes_keys_and_reveals_nothing() -> None:
    """The check is stored in the database: it must not contain the key."""
    assert key_check(KEY) == key_check(KEY) != key_check(bytes(32))
    assert KEY.hex() not in key_check(KEY)
