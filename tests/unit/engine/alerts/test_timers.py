"""The queue of timers: nothing is lost or out of order while a sweep removes unneeded ones."""

import random
from datetime import datetime

import pytest

from opsconductor.engine.agenda import Agenda
from opsconductor.engine.timers import TimerKind, Timers
from tests.support.engine.pipeline_scene import START, seconds


@pytest.mark.parametrize("most", [1, 7, 1_000])
def test_a_sweep_keeps_needed_timers_in_order(most: int) -> None:
    """While it runs others are set and fall due."""
    timers, chosen = Timers(Agenda()), random.Random(most)
    due = {str(number): START + seconds(chosen.randrange(1_000)) for number in range(300)}
    for fingerprint, at in due.items():
        timers.push(at, TimerKind.EXPIRE, fingerprint)
    needed = {fingerprint for fingerprint in due if int(fingerprint) % 3}

    def is_needed(at: datetime, kind: TimerKind, fingerprint: str) -> bool:
        return kind is TimerKind.EXPIRE and due[fingerprint] == at and fingerprint in needed

    timers.begin_sweep()
    found, now, number = [], START, 1_000
    while len(timers):
        if number < 1_200:
            number += 1
            due[str(number)] = now + seconds(chosen.randrange(100))
            needed.add(str(number))
            timers.push(due[str(number)], TimerKind.EXPIRE, str(number))
        timers.sweep(is_needed, most)
        now += seconds(1)
        while (popped := timers.pop_due(now)) is not None:
            found.append(popped[1])
        assert (next_due := timers.next_due()) is None or next_due > now
    assert not timers.unswept
    assert [each for each in found if each in needed] == sorted(
        needed, key=lambda each: (due[each], found.index(each))
    )
    assert len(found) == len(set(found))


def test_a_sweep_removes_unneeded_and_duplicate_timers() -> None:
    """One timer of each kind stays for an alert."""
    timers = Timers(Agenda())
    for number in range(10):
        for kind in TimerKind:
            timers.push(START + seconds(number), kind, "kept")
            timers.push(START + seconds(number), kind, "over")
    timers.begin_sweep()
    while timers.unswept:
        timers.sweep(lambda _at, _kind, fingerprint: fingerprint == "kept", 4)
    assert len(timers) == len(TimerKind)
