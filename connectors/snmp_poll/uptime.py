"""Tells from sysUpTime whether a device has started anew."""

WRAP = 1 << 32
"""sysUpTime counts hundredths of a second in 32 bits: after 497 days it begins again."""
LEAST_SLACK_S = 60.0
SLACK_SHARE = 0.02
"""Clocks of devices go wrong, by a few parts in a thousand at worst."""


def has_restarted(before: int, now: int, passed_s: float) -> bool:
    """Tell a restart from a counter that has begun again.

    Args:
        before: sysUpTime at the last look, hundredths of a second.
        now: sysUpTime at this look.
        passed_s: Seconds between the two.
    """
    if now >= before:
        return False
    expected = before + passed_s * 100
    slack = 100 * max(LEAST_SLACK_S, passed_s * SLACK_SHARE)
    return not (expected + slack >= WRAP and abs(expected - WRAP - now) <= slack)
