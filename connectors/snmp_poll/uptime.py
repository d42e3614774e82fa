"""Detection of a device's restart from sysUpTime."""

WRAP = 1 << 32
"""sysUpTime counts hundredths of a second in 32 bits: it wraps after 497 days."""
LEAST_SLACK_S = 60.0
SLACK_SHARE = 0.02
"""Clocks of devices drift by a few parts in a thousand at most."""


def has_restarted(before: int, now: int, passed_s: float) -> bool:
    """Return True if the device has restarted, as opposed to a counter that wrapped.

    Args:
        before: sysUpTime at the last poll, hundredths of a second.
        now: sysUpTime at this poll.
        passed_s: Seconds between the two.
    """
    if now >= before:
        return False
    expected = before + passed_s * 100
    slack = 100 * max(LEAST_SLACK_S, passed_s * SLACK_SHARE)
    return not (expected + slack >= WRAP and abs(expected - WRAP - now) <= slack)
