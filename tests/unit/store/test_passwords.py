"""Password hashes, and which passwords are accepted."""

import pytest

from opsconductor.store.access.passwords import UNUSABLE, hash_password, is_password, why_weak


def test_a_password_is_known_by_its_hash_alone() -> None:
    """The hash is Argon2id with 64 MiB, salted, and no other password matches it."""
    stored = hash_password("correct horse battery")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert stored != hash_password("correct horse battery")
    assert is_password("correct horse battery", stored)
    assert not is_password("correct horse batterY", stored)
    assert not is_password("", UNUSABLE)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "10 to 200"),
        ("x" * 201, "10 to 200"),
        ("my-anna-password", "name"),
        ("aaaaaaaaaaaaaaa", "repeats"),
        ("correct horse battery", ""),
        ("пароль из многих слов", ""),
    ],
)
def test_weak_passwords_are_refused_with_the_reason(password: str, reason: str) -> None:
    """Length counts, not composition; the user's name is no secret."""
    assert reason in why_weak(password, "Anna")
    assert bool(reason) == bool(why_weak(password, "Anna"))
