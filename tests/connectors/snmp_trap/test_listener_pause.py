"""The pause of a listener after its port was drained."""

import pytest

from connectors.snmp_trap.receiving.port import ENOUGH_BYTES
from connectors.snmp_trap.source import AT_MOST, LONGEST_PAUSE_S, PAUSE_S, pause_s


@pytest.mark.parametrize("per_s", [1, 100, 1_000, 2_900])
def test_the_pause_is_short_outside_a_storm(per_s: int) -> None:
    """Below three thousand datagrams a second each waits at most five milliseconds to be read."""
    assert pause_s(per_s, 100 * per_s, within_s=1.0) == PAUSE_S


@pytest.mark.parametrize("per_s", [3_100, 7_000, 10_000, 25_000])
def test_a_storm_is_read_in_batches_that_are_read_at_once(per_s: int) -> None:
    """From there on it is longer, but no more datagrams wait for its end than are read at once."""
    pause = pause_s(per_s // 100, per_s, within_s=0.01)
    assert PAUSE_S < pause <= LONGEST_PAUSE_S
    assert per_s * pause <= AT_MOST * 1.001


@pytest.mark.parametrize("size", [9_000, 2_000])
def test_no_more_bytes_wait_than_are_read_at_once(size: int) -> None:
    """Small receive buffers hold few large datagrams: a pause counted in datagrams alone overflowed them."""
    per_s = 4_000
    pause = pause_s(per_s // 100, size * per_s // 100, within_s=0.01)
    assert per_s * size * pause <= max(ENOUGH_BYTES * 1.001, per_s * size * PAUSE_S)
    assert pause < pause_s(per_s // 100, per_s, within_s=0.01)


def test_a_fast_storm_is_read_as_often_as_other_messages() -> None:
    """When more come than are read at once, the pause is the short one."""
    assert pause_s(1_000, 100_000, within_s=0.01) == PAUSE_S
