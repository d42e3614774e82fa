"""Quotas of API keys."""

from uuid import UUID

from opsconductor.api.auth.quotas import Quotas
from opsconductor.store.access.keys import Principal


def principal(quota: int | None, number: int = 1) -> Principal:
    """Make the principal of a key."""
    return Principal(
        name="script",
        key_id=UUID(int=number),
        user_id=None,
        roles=(),
        permissions=frozenset(),
        quota_per_minute=quota,
    )


def test_a_key_may_spend_its_quota_and_then_one_request_at_a_time() -> None:
    """Thirty a minute: thirty at once, then one every two seconds; other keys are not affected."""
    quotas = Quotas()
    assert [quotas.spend(principal(30), 0) for _ in range(31)] == [0] * 30 + [2]
    assert quotas.spend(principal(30, 2), 0) == 0
    assert quotas.spend(principal(30), 1) == 2
    assert quotas.spend(principal(30), 2) == 0


def test_a_key_without_quota_is_not_limited() -> None:
    """A thousand requests at once pass."""
    quotas = Quotas()
    assert {quotas.spend(principal(None), 0) for _ in range(1_000)} == {0}
