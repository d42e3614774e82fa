"""Keys of the last minutes are known, in bounded memory."""

from opsconductor.connector.recent_keys import RecentKeys


def test_a_key_is_known_for_the_requested_time() -> None:
    """A key is removed soon after the requested time."""
    keys = RecentKeys(kept_s=100.0)
    for second in range(100):
        keys.add(bytes([second]), float(second))
    keys.forget(100.0)
    assert bytes([1]) in keys
    keys.forget(250.0)
    assert len(keys) == 0


def test_the_latest_are_known_however_many_come() -> None:
    """Memory is bounded; the oldest are removed."""
    keys = RecentKeys(kept_s=100.0, most=1_000)
    keys.update((number.to_bytes(4, "big") for number in range(10_000)), 1.0)
    assert 1_000 <= len(keys) <= 1_250
    assert all(number.to_bytes(4, "big") in keys for number in range(9_000, 10_000))
