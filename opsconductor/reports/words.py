"""Numbers and lengths of time as texts of a report."""

from collections.abc import Sequence
from datetime import timedelta

DASH = "-"


def length_text(length: timedelta | None) -> str:
    """Return a length of time in two units at most: `3 d 4 h`, `12 min`, `40 s`."""
    if length is None:
        return DASH
    seconds = int(length.total_seconds())
    if seconds == 0:
        return "0"
    units = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)]
    found = []
    for name, size in units:
        amount, seconds = divmod(seconds, size)
        if amount:
            found.append(f"{amount} {name}")
        elif found:
            break
        if len(found) == 2:  # noqa: PLR2004 - two units
            break
    return " ".join(found)


def percent_text(percent: float | None) -> str:
    """Return an availability; it is rounded down, so that 100 % means: without a failure."""
    if percent is None:
        return "unknown"
    if percent >= 100:  # noqa: PLR2004 - all of it
        return "100 %"
    return f"{int(percent * 1000) / 1000:.3f} %"


def share_text(part: float, whole: float) -> str:
    """Return a part as a rounded percentage."""
    return f"{100 * part / whole:.0f} %" if whole else DASH


def amount_text(amount: int, noun: str) -> str:
    """Return an amount with its noun: `1 device`, `1,200 devices`."""
    return f"{amount:,} {noun}{'' if amount == 1 else 's'}"


def quantile(lengths: Sequence[timedelta], share: float) -> timedelta | None:
    """Return the value that a share of the lengths does not exceed; None: there are none."""
    if not lengths:
        return None
    ordered = sorted(lengths)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
