"""References to secrets."""

from pathlib import Path

import pytest

from opsconductor.config.secrets import is_reference, no_vault, references_in, resolve
from opsconductor.errors import SecretError


def vault(name: str) -> str:
    """Hold one secret."""
    if name != "smtp/password":
        raise SecretError(f"vault:{name}: the vault has no secret of that name")
    return "from the vault"


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("A_SECRET", "from the environment")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "token").write_text("from the file\n")


def test_references_are_replaced_wherever_they_are() -> None:
    """Nested mappings and lists are walked; values other than text stay unchanged."""
    config = {
        "password": "${env:A_SECRET}",
        "users": [{"token": "${file:token}"}, {"token": "vault:smtp/password"}],
        "url": "https://u:${env:A_SECRET}@h/?t=${file:token}",
        "port": 25,
        "plain": "not a reference: vault:x, $HOME, ${}",
    }
    assert resolve(config, vault) == {
        "password": "from the environment",
        "users": [{"token": "from the file"}, {"token": "from the vault"}],
        "url": "https://u:from the environment@h/?t=from the file",
        "port": 25,
        "plain": "not a reference: vault:x, $HOME, ${}",
    }


def test_a_resolved_secret_is_not_resolved_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password may look like a reference; setting one must not allow reading files."""
    monkeypatch.setenv("A_SECRET", "${file:token}")
    assert resolve(["${env:A_SECRET}"], vault) == ["${file:token}"]


def test_unresolved_references_are_named_with_their_place() -> None:
    """One error names every reference and key, and no secret that was found."""
    config = {"a": ["${env:NOT_SET}", "${env:A_SECRET}"], "b": "vault:none", "c": {"d": "${evn:A_SECRET}"}}
    with pytest.raises(SecretError) as raised:
        resolve(config, vault)
    assert str(raised.value) == (
        "a[0]: ${env:NOT_SET}: the environment variable is not set; "
        "b: vault:none: the vault has no secret of that name; "
        "c.d: ${evn:A_SECRET} is not a reference: write ${env:NAME}, ${file:PATH} or vault:name"
    )


def test_absolute_path_ignores_the_credentials_directory(tmp_path: Path) -> None:
    """`${file:/run/secret}` is that file."""
    path = tmp_path / "elsewhere"
    path.write_text("x\r\n")
    assert resolve(f"${{file:{path}}}", vault) == "x"


def test_relative_path_starts_at_the_working_directory_without_systemd(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without LoadCredential a relative path means what it means in a shell."""
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    monkeypatch.chdir(tmp_path)
    assert resolve("${file:token}", vault) == "from the file"


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"", "empty"), (b"\n", "empty"), (b"\xff", "UTF-8"), (b"x" * 70_000, "larger than 64 KiB")],
)
def test_useless_files_are_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    """An empty, binary or huge file is no secret."""
    (tmp_path / "bad").write_bytes(content)
    with pytest.raises(SecretError, match=problem):
        resolve("${file:bad}", vault)


@pytest.mark.parametrize("name", ["none", ".", "a\0b"])
def test_paths_without_a_file_are_refused(name: str) -> None:
    """Missing files, folders and broken names are reported as such a fault and as no other error."""
    with pytest.raises(SecretError):
        resolve(f"${{file:{name}}}", vault)


def test_vault_can_be_out_of_reach() -> None:
    """Before there is a database, the fault of a vault reference says so."""
    with pytest.raises(SecretError, match="cannot be used here"):
        resolve("vault:x", no_vault)


def test_references_are_found_with_their_place() -> None:
    """The places of secrets can be listed without the secrets."""
    config = {"a": "${env:X}", "b": ["plain", "vault:y"], "c": 5}
    assert list(references_in(config)) == [(("a",), "${env:X}"), (("b", 1), "vault:y")]
    assert not is_reference("vault:")
    assert not is_reference("my vault:x")
