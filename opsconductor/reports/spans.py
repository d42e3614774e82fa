"""Sets of spans of time; pure."""

from collections.abc import Iterable
from datetime import timedelta

from opsconductor.reports.facts import Span

NOTHING = timedelta(0)


def union(spans: Iterable[Span]) -> list[Span]:
    """Return spans that do not overlap and cover the same time, in order."""
    found: list[Span] = []
    for begin, end in sorted(span for span in spans if span[0] < span[1]):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def within(spans: Iterable[Span], outer: Span) -> list[Span]:
    """Return the parts of spans that are within another one."""
    return union((max(begin, outer[0]), min(end, outer[1])) for begin, end in spans)


def without(spans: Iterable[Span], taken_out: Iterable[Span]) -> list[Span]:
    """Return what is left of spans without the time of others."""
    left = union(spans)
    for cut_begin, cut_end in union(taken_out):
        left = [
            part
            for begin, end in left
            for part in ((begin, min(end, cut_begin)), (max(begin, cut_end), end))
            if part[0] < part[1]
        ]
    return left


def length(spans: Iterable[Span]) -> timedelta:
    """Return how long spans are that do not overlap."""
    return sum((end - begin for begin, end in spans), NOTHING)
