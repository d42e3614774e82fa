"""The vault: secrets encrypted with AES-256-GCM, and the key that decrypts them.

An entry is bound to its name: a ciphertext moved to another row cannot be decrypted.
"""

import base64
import binascii
import hmac
import os
import re
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from opsconductor.config.settings import SecretsSettings
from opsconductor.errors import SecretError

KEY_BYTES = 32
NONCE_BYTES = 12
FORMAT = b"\x01"
CREDENTIAL = "opsconductor-key"
KEY_FILE = "secrets.key"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")


class Vault:
    """Secrets by name, each decrypted only when it is needed."""

    def __init__(self, key: bytes, sealed: Mapping[str, bytes]) -> None:
        """Store ciphertexts by name; `key` has 32 bytes."""
        self._cipher = AESGCM(key)
        self._sealed = dict(sealed)

    def __contains__(self, name: str) -> bool:
        return name in self._sealed

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all entries, sorted."""
        return tuple(sorted(self._sealed))

    def open(self, name: str) -> str:
        """Decrypt one entry.

        Raises:
            SecretError: There is none of that name, or it is damaged or was encrypted under another name.
        """
        sealed = self._sealed.get(name)
        if sealed is None:
            raise SecretError(
                f"vault:{name}: the vault has no secret of that name; "
                f"add it with: opsconductor credential set {name}"
            )
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, body, FORMAT + name.encode()).decode()
        except (InvalidTag, ValueError):
            raise SecretError(
                f"vault:{name}: the entry is damaged or was encrypted with another key"
            ) from None

    def seal(self, name: str, secret: str) -> bytes:
        """Encrypt a secret under a name.

        Raises:
            SecretError: The name is invalid in a reference, or the secret is empty.
        """
        if not NAME.fullmatch(name):
            raise SecretError(
                f"{name!r} is not a valid name in the vault: use letters, digits, '.', '_', '/', '-'"
            )
        if not secret:
            raise SecretError(f"vault:{name}: the secret is empty")
        nonce = os.urandom(NONCE_BYTES)
        return FORMAT + nonce + self._cipher.encrypt(nonce, secret.encode(), FORMAT + name.encode())


def key_check(key: bytes) -> str:
    """Return a fingerprint of a key that reveals nothing about it, to compare two keys."""
    return hmac.new(key, b"opsconductor vault key", sha256).hexdigest()[:32]


def find_key(settings: SecretsSettings, data_dir: Path) -> bytes:
    """Return the key of the vault: configured, a systemd credential, or a file in the data directory.

    The file is created if there is no key at all.

    Raises:
        SecretError: The key is invalid, or its file is readable by others; the message names the remedy.
    """
    if (given := _given_key(settings)) is not None:
        return given
    path = data_dir / KEY_FILE
    try:
        if not path.exists():
            _make_key(path)
        _refuse_open_to_others(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SecretError(f"{path}: the vault's key is not accessible: {reason}") from None
    return _read_key(path)


def existing_key(settings: SecretsSettings, data_dir: Path) -> bytes | None:
    """Return the key of the vault as `find_key` does, or None if there is none yet; none is created.

    Raises:
        SecretError: The key is invalid, or its file is readable by others.
    """
    if (data_dir / KEY_FILE).exists():
        return find_key(settings, data_dir)
    return _given_key(settings)


def is_key_given(settings: SecretsSettings) -> bool:
    """Return True if the key is configured or a systemd credential, and no file of the data directory.

    Raises:
        SecretError: It is invalid.
    """
    return _given_key(settings) is not None


def _given_key(settings: SecretsSettings) -> bytes | None:
    """Return the key that is configured or a systemd credential."""
    if settings.key is not None:
        return parse_key(settings.key.get_secret_value(), "OPSCONDUCTOR__SECRETS__KEY (secrets.key)")
    if directory := os.environ.get("CREDENTIALS_DIRECTORY"):
        with suppress(FileNotFoundError):
            return _read_key(Path(directory, CREDENTIAL))
    return None


def parse_key(text: str, origin: str) -> bytes:
    """Decode 32 bytes written as base64 or hexadecimal.

    Raises:
        SecretError: It is neither; the message names its origin.
    """
    text = text.strip()
    with suppress(ValueError, binascii.Error):
        standard = text.replace("-", "+").replace("_", "/")
        key = bytes.fromhex(text) if len(text) == 2 * KEY_BYTES else base64.b64decode(standard, validate=True)
        if len(key) == KEY_BYTES:
            return key
    raise SecretError(
        f"{origin}: expected 32 bytes as base64 or hexadecimal; make one: openssl rand -base64 32"
    )


def _read_key(path: Path) -> bytes:
    try:
        return parse_key(path.read_text(encoding="ascii"), str(path))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SecretError(f"{path}: the vault's key cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SecretError(f"{path}: expected 32 bytes as base64 or hexadecimal") from None


def _refuse_open_to_others(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SecretError(
            f"{path}: the vault's key is accessible to other users (mode {mode:04o}); chmod 600 {path}"
        )


def _make_key(path: Path) -> None:
    """Create a key file atomically; the first writer wins."""
    # when root runs the daemon, embedded PostgreSQL runs as another user, who needs access
    path.parent.mkdir(mode=0o700 if os.geteuid() else 0o711, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{KEY_FILE}.") as fresh:  # mode 0600
        fresh.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
        fresh.flush()
        os.fsync(fresh.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(fresh.name)
