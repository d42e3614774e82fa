"""The engine runs through random days; the laws hold after every step."""

import os
from io import StringIO

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rich.console import Console

from tests.simulation.crashes import CrashingWorld
from tests.simulation.sweep import KINDS, Life, sweep
from tests.simulation.variety import VariedCrashingWorld, VariedWorld
from tests.simulation.world import World

WORLDS = int(os.environ.get("OPSCONDUCTOR_TEST_WORLDS", "5"))
"""How many worlds each test makes; `make fuzz` makes many more."""


@settings(max_examples=WORLDS, deadline=None, suppress_health_check=list(HealthCheck))
@example(seed=478579051)  # acknowledged before its flapping was sent, then worse
@example(seed=12471)  # restarted while more timers were due than the budget of a step covers
@example(seed=4)  # the clock was set back twice before the engine had looked at all that waits
@example(seed=197336)  # an alert was back, and waited in a group, while that it was worse before waited too
@example(seed=45)  # an update on a cause came due while the cause was muted
@example(seed=1051)  # the clock was set back while the end of a problem waited in a group
@example(seed=3112)  # an update on a cause was sent with a number that rose again in the same step
@example(seed=3370)  # reopened by a person after the inventory had found another device at its address
@given(seed=st.integers(0, 2**32))
def test_the_laws_hold_in_every_world(seed: int) -> None:
    """Traffic, operators, restarts, clock jumps and new configurations break none of them."""
    World(seed).live(80)


@settings(max_examples=WORLDS, deadline=None, suppress_health_check=list(HealthCheck))
@example(seed=495)  # an end waited in a group, and the problem was back in another one before it was sent
@given(seed=st.integers(0, 2**32))
def test_the_laws_hold_where_the_process_dies(seed: int) -> None:
    """A death after any step, with PostgreSQL there or away, breaks none of them and loses nothing."""
    CrashingWorld(seed).live(60)


@settings(max_examples=WORLDS, deadline=None, suppress_health_check=list(HealthCheck))
@example(seed=8001)  # a sender moved a problem behind a consequence that was still to be evaluated
@example(seed=201)  # a resolution was taken back while the alert was muted
@example(seed=1)  # a clear without an id ended an alert of which repeats were still only counted
@given(seed=st.integers(0, 2**32))
def test_the_laws_hold_where_more_varies(seed: int) -> None:
    """Ids of senders, commands taken back, abandoned scopes, other settings and limits break none of them."""
    VariedWorld(seed).live(80)


@settings(max_examples=WORLDS, deadline=None, suppress_health_check=list(HealthCheck))
@example(seed=8014)  # as 8001, and the chain of causes was a circle
@example(seed=61)  # acknowledged as a consequence, after the message to some had been withdrawn
@example(seed=8)  # an acknowledgement that had come with the alert was taken back
@given(seed=st.integers(0, 2**32))
def test_the_laws_hold_where_more_varies_and_the_process_dies(seed: int) -> None:
    """The same with people, where the process is killed."""
    VariedCrashingWorld(seed, has_people=True).live(60)


def test_the_process_dies_after_every_step() -> None:
    """The worlds above reach each of the moments."""
    missing = {"decided", "committed", "acknowledged", "drained", "removed"}
    for seed in range(100):
        world = CrashingWorld(seed)
        world.live(60)
        missing -= set(world.deaths)
        if not missing:
            return
    assert not missing


@pytest.mark.parametrize(
    "seed",
    [
        *(20, 21, 22, 23, 24),  # in 20 a reminder waited, and its alert was opened again
        5047,  # the fingerprint of an acknowledged alert changed while it was queued
        *(5013, 9029),  # a problem came again, and was acknowledged, while a summary with its end waited
    ],
)
def test_the_laws_hold_where_people_are_notified(seed: int) -> None:
    """Persons, schedules and escalations break none of them."""
    World(seed, has_people=True).live(60)


@pytest.mark.parametrize(
    "seed",
    [
        *(1, 10, 11, 12),  # in 1 and 10 the conditions of all steps were not met
        3255,  # an alert flapped while the first step of its escalation was still to come
        6156,  # an end was told after a later one had happened, and the alert was forgotten
    ],
)
def test_the_laws_hold_where_the_process_dies_and_people_are_notified(seed: int) -> None:
    """The same where the process is killed."""
    CrashingWorld(seed, has_people=True).live(60)


class BrokenWorld(World):
    """A world in which a law does not hold."""

    def check(self) -> None:
        """Break a law in every other world."""
        assert self.seed % 2, "a law"


def test_a_sweep_names_law_place_and_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each failure is printed with what is needed to repeat it; `make worlds` ends with status 1."""
    monkeypatch.setitem(KINDS, "calm", (BrokenWorld, False, 80))
    printed = StringIO()
    lives = [Life("calm", seed, 1) for seed in (1, 2, 3)]
    (failure,) = sweep(lives, Console(file=printed), processes=1)
    law, place, command = failure.splitlines()
    assert law == "calm 2: AssertionError: a law"
    assert f"{__file__}:" in place
    assert command.strip() == "python -m tests.simulation.sweep --kinds calm --seeds 2 --steps 1"
    assert failure in printed.getvalue()
