"""Laws for one fault, given what its device knows and what PostgreSQL and the receiver have; pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from opsconductor.model.enums import HistoryAction, Status
from tests.simulation.machine import TRANSITIONS
from tests.soak.record import Subject


class Step(NamedTuple):
    """A row of an alert's history."""

    action: HistoryAction
    old: Status | None
    new: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An alert as PostgreSQL has it, with its history in the order of the times in it."""

    id: str
    status: Status
    count: int
    story: Sequence[Step]


def counted(rows: Sequence[Row]) -> int:
    """Add up how often a fault was reported, as far as its alerts know."""
    return sum(row.count for row in rows)


def wrong_with_count(subject: Subject, rows: Sequence[Row], datagrams: int) -> list[str]:
    """Check that acknowledged reports are counted, and nothing else.

    Args:
        subject: As it was before PostgreSQL was asked.
        datagrams: Packets sent until after it was asked.
    """
    count = counted(rows)
    texts = []
    if count < subject.acknowledged:
        texts.append(f"lost: {subject.acknowledged} acknowledged, {count} counted")
    if count > datagrams:
        texts.append(f"invented: {datagrams} sent, {count} counted")
    if subject.is_own and count > 1:
        texts.append(f"reported once, counted {count} times")
    return texts


def wrong_with_state(subject: Subject, rows: Sequence[Row]) -> list[str]:
    """Check that cleared faults are over, and that others are still open."""
    if not subject.is_over or not subject.is_own or subject.is_trap:
        return []
    is_open = any(row.status.is_open for row in rows)
    if subject.is_cleared and is_open:
        return ["still open though its clear was acknowledged"]
    if subject.is_acknowledged and not subject.clears and not is_open:
        return ["closed without a clear"]
    return []


def wrong_with_story(row: Row, *, is_clock_wrong: bool) -> list[str]:
    """Check that a history is a path of the state machine; a clock that was wrong may mix its order."""
    strange = [step for step in row.story if step not in TRANSITIONS]
    if strange:
        return [f"made a step that there is not: {strange[0]}"]
    is_path = is_path_in_any_order if is_clock_wrong else is_path_in_order
    if is_path(row.story, row.status):
        return []
    return [f"history is no path to {row.status}: {[tuple(map(str, step)) for step in row.story]}"]


def wrong_with_notifications(subject: Subject, received: Counter[str]) -> list[str]:
    """Check that the receiver got one problem and one recovery of a fault.

    Args:
        received: How many notifications came about it, by kind, each counted once.
    """
    texts = [
        f"sent {received[kind]} times ({kind})" for kind in ("problem", "recovery") if received[kind] > 1
    ]
    if subject.is_acknowledged and not received["problem"]:
        texts.append("its problem was not sent")
    if subject.is_acknowledged and subject.is_cleared and not received["recovery"]:
        texts.append("its recovery was not sent")
    return texts


def is_path_in_order(story: Sequence[Step], status: Status) -> bool:
    """Return whether each step begins where the one before ended, and the last ends in the status."""
    ends = [None, *(step.new for step in story)]
    return [step.old for step in story] == ends[:-1] and ends[-1] == status


def is_path_in_any_order(story: Sequence[Step], status: Status) -> bool:
    """Return whether the steps can be put into an order that is a path."""
    left = Counter(step.old for step in story)
    entered = Counter[Status | None](step.new for step in story)
    left[status] += 1
    entered[None] += 1
    return left == entered
