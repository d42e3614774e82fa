"""References to secrets in configuration, and their resolution.

- `${env:NAME}`: a variable of the daemon's environment
- `${file:PATH}`: a file without its last line break; a relative path starts at
  `$CREDENTIALS_DIRECTORY` (systemd's LoadCredential) if that is set, else at the working directory
- `vault:name`: an entry of the table `credentials`; must be the whole text

A leading `$$` is an escaped `$`.

The first two may be part of a longer text (`postgresql://ops:${env:PASSWORD}@db/ops`).
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from opsconductor.config.provision.yaml_reading import KeyPath, key_text
from opsconductor.errors import SecretError

OpenVault = Callable[[str], str]
"""Returns the secret of a name; raises SecretError if there is none."""

REFERENCE = re.compile(r"(?<!\$)\$\{(?P<kind>[a-z]+):(?P<name>[^{}]*)\}")
VAULT_REFERENCE = re.compile(r"vault:(?P<name>\S+)")
LARGEST_FILE_BYTES = 65_536


def no_vault(name: str) -> str:
    """Reject references to the vault where it cannot be used.

    Raises:
        SecretError: Always.
    """
    raise SecretError(f"vault:{name} cannot be used here, only ${{env:NAME}} and ${{file:PATH}}")


def is_reference(text: str) -> bool:
    """Return True if a text contains a reference."""
    return VAULT_REFERENCE.fullmatch(text) is not None or REFERENCE.search(text) is not None


def resolve(value: object, vault: OpenVault) -> object:
    """Return a copy of a configuration with every reference resolved.

    Args:
        value: Mappings, lists and scalars, nested in any way.

    Raises:
        SecretError: Lists every unresolvable reference with its path; never a secret.
    """
    problems: list[str] = []
    copy = resolve_into(value, vault, lambda path, error: problems.append(f"{key_text(path)}: {error}"))
    if problems:
        raise SecretError("; ".join(problems))
    return copy


def resolve_into(
    value: object, vault: OpenVault, report: Callable[[KeyPath, SecretError], None], at: KeyPath = ()
) -> object:
    """Resolve like `resolve`, but report unresolvable references and leave them unchanged."""
    if isinstance(value, Mapping):
        return {key: resolve_into(entry, vault, report, (*at, key)) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [resolve_into(entry, vault, report, (*at, index)) for index, entry in enumerate(value)]
    if not isinstance(value, str):
        return value
    try:
        return resolve_text(value, vault)
    except SecretError as error:
        report(at, error)
        return value


def resolve_text(text: str, vault: OpenVault) -> str:
    """Resolve the references in one text.

    Raises:
        SecretError: A reference cannot be resolved; the message names it.
    """
    if match := VAULT_REFERENCE.fullmatch(text):
        return vault(match["name"])
    return unescaped(REFERENCE.sub(_follow, text))


def unescaped(text: str) -> str:
    """Replace a leading `$$` by `$`."""
    return text[1:] if text.startswith("$$") else text


def references_in(value: object, at: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """Yield every text that holds a reference, with its path."""
    if isinstance(value, Mapping):
        for key, entry in value.items():
            yield from references_in(entry, (*at, key))
    elif isinstance(value, list | tuple):
        for index, entry in enumerate(value):
            yield from references_in(entry, (*at, index))
    elif isinstance(value, str) and is_reference(value):
        yield at, value


def _follow(match: re.Match[str]) -> str:
    match match["kind"]:
        case "env":
            return _variable(match["name"])
        case "file":
            return _file(match["name"])
        case _:
            raise SecretError(
                f"{match[0]} is not a reference: write ${{env:NAME}}, ${{file:PATH}} or vault:name"
            )


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise SecretError(f"${{env:{name}}}: the environment variable is not set")
    return value


def _file(name: str) -> str:
    reference = f"${{file:{name}}}"
    path = Path(os.environ.get("CREDENTIALS_DIRECTORY", ""), name)
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE_BYTES + 1)
        text = content.decode().removesuffix("\n").removesuffix("\r")
    except OSError as error:
        raise SecretError(f"{reference}: {path}: {error.strerror or 'cannot be read'}") from None
    except ValueError:  # not UTF-8; a NUL in the path
        raise SecretError(f"{reference}: not a text file in UTF-8") from None
    if not text or len(content) > LARGEST_FILE_BYTES:
        raise SecretError(f"{reference}: {path} is {'larger than 64 KiB' if text else 'empty'}")
    return text
