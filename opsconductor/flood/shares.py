"""Divides what is too little for all; pure."""

from collections.abc import Mapping


def fair_shares(wanted: Mapping[str, int], supply: int) -> dict[str, int]:
    """Give everyone the same, but nobody more than wanted (max-min fairness).

    Those who want little get all they want before those who want much get more: a quiet device is
    heard beside a flood.

    Returns:
        By name; together no more than `supply`.
    """
    shares: dict[str, int] = {}
    left, waiting = max(0, supply), len(wanted)
    for name, amount in sorted(wanted.items(), key=lambda each: each[1]):
        share = min(amount, -(-left // waiting))  # rounded up, so that the last unit goes to the modest
        shares[name] = share
        left -= share
        waiting -= 1
    return shares
