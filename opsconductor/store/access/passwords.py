"""Password hashes: Argon2id (RFC 9106) in the PHC string format."""

import os

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

MEMORY_KIB = 64 * 1024
ITERATIONS = 3
LANES = 1
"""Memory and time of one hash: three times what OWASP recommends at least, a quarter of a second."""
SALT_BYTES = 16
HASH_BYTES = 32
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200

UNUSABLE = "$argon2id$v=19$m=65536,t=3,p=1$b3BzY29uZHVjdG9yLi4uLg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
"""Hash that no password has: names without a password take as long to refuse as others."""


def hash_password(password: str) -> str:
    """Return the hash to store; it takes a quarter of a second and 64 MiB."""
    salted = Argon2id(
        salt=os.urandom(SALT_BYTES),
        length=HASH_BYTES,
        iterations=ITERATIONS,
        lanes=LANES,
        memory_cost=MEMORY_KIB,
    )
    return salted.derive_phc_encoded(_bytes(password))


def is_password(password: str, stored: str) -> bool:
    """Return whether a password has this hash."""
    try:
        Argon2id.verify_phc_encoded(_bytes(password), stored)
    except InvalidKey:
        return False
    return True


def why_weak(password: str, username: str) -> str:
    """Return why a password is not accepted; empty: it is.

    Source:
        NIST SP 800-63B 5.1.1.2: length, no rules of composition, nothing that contains the user's name.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        return f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"
    if username and username.lower() in password.lower():
        return "the password contains the user's name"
    if len(set(password)) < SHORTEST_PASSWORD // 2:
        return "the password repeats a few characters"
    return ""


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", errors="replace")
