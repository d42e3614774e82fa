"""Credentials that are still accepted while the database, which holds the keys, is away."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from opsconductor.api.auth import credential_cache
from opsconductor.api.auth.credential_cache import LONGEST_S, UNUSED_S, CredentialCache
from opsconductor.store.access.keys import Principal

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ANNA = Principal(
    key_id=UUID(int=1), name="anna", user_id=None, roles=("viewer",), permissions=frozenset({"alerts:read"})
)


def known_at(since_s: float, *, seen_at: CredentialCache, is_session: bool = False) -> Principal | None:
    """Ask for the key `k` so long after the beginning."""
    return seen_at.recall("k", since_s, NOW + timedelta(seconds=since_s), is_session=is_session)


def test_a_key_is_known_for_a_while_after_its_last_use() -> None:
    """Every use extends the acceptance by a quarter of an hour; unused for longer, the key is removed."""
    known = CredentialCache()
    known.remember("k", ANNA, 0, is_session=False)
    assert known_at(UNUSED_S, seen_at=known) is ANNA
    assert known_at(2 * UNUSED_S, seen_at=known) is ANNA
    assert known_at(3 * UNUSED_S + 1, seen_at=known) is None
    assert known_at(0, seen_at=known) is None


def test_no_key_is_known_for_longer_than_a_shift() -> None:
    """Even a key in constant use has to be checked in the database again after twelve hours."""
    known = CredentialCache()
    known.remember("k", ANNA, 0, is_session=False)
    since_s = 0.0
    while since_s <= LONGEST_S:
        assert known_at(since_s, seen_at=known) is ANNA
        since_s += UNUSED_S / 2
    assert known_at(since_s, seen_at=known) is None


def test_a_key_ends_when_it_expires() -> None:
    """A key's expiry holds while the database is away."""
    known = CredentialCache()
    ending = Principal(
        key_id=ANNA.key_id,
        name="anna",
        user_id=None,
        roles=(),
        permissions=frozenset(),
        expires_at=NOW + timedelta(seconds=60),
    )
    known.remember("k", ending, 0, is_session=False)
    assert known_at(59, seen_at=known) is ending
    assert known_at(60, seen_at=known) is None


def test_a_revoked_key_is_not_known() -> None:
    """A refusal by the database is remembered as well."""
    known = CredentialCache()
    known.remember("k", ANNA, 0, is_session=False)
    known.forget("k", is_session=False)
    known.forget("never seen", is_session=False)
    assert known_at(1, seen_at=known) is None


def test_a_session_is_no_key() -> None:
    """The token of a session is not accepted as a key."""
    known = CredentialCache()
    known.remember("k", ANNA, 0, is_session=True)
    assert known_at(1, seen_at=known) is None
    assert known_at(1, seen_at=known, is_session=True) is ANNA


def test_memory_is_bounded_and_the_latest_stay() -> None:
    """Beyond the limit the least recently used entries are removed; no key is kept in plain text."""
    known = CredentialCache()
    for number in range(credential_cache.REMEMBERED + 1):
        known.remember(f"key {number}", ANNA, 0, is_session=False)
        if number == credential_cache.REMEMBERED - 1:
            assert known.recall("key 0", 0, NOW, is_session=False) is ANNA
    assert known.recall("key 0", 0, NOW, is_session=False) is ANNA
    assert known.recall("key 1", 0, NOW, is_session=False) is None
    assert "key 2" not in repr(vars(known))
