"""The engine lives through random days; the laws hold after every step."""

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.simulation.crashes import CrashingWorld
from tests.simulation.world import World


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@example(seed=478579051)  # acknowledged before anyone was told that it flaps, then worse
@example(seed=12471)  # restarted while more timers were due than the budget of a step covers
@example(seed=4)  # the clock was set back twice before the engine had looked at all that waits
@given(seed=st.integers(0, 2**32))
def test_the_laws_hold_in_every_world(seed: int) -> None:
    """Traffic, operators, restarts, clock jumps and new configurations break none of them."""
    World(seed).live(80)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_the_laws_hold_where_the_process_dies(seed: int) -> None:
    """Dying after any step, with PostgreSQL there or away, breaks none of them and loses nothing."""
    CrashingWorld(seed).live(60)


def test_the_process_dies_after_every_step() -> None:
    """The worlds above are what they say: each of the moments is hit."""
    missing = {"decided", "committed", "acknowledged", "drained", "removed"}
    for seed in range(100):
        world = CrashingWorld(seed)
        world.live(60)
        missing -= set(world.deaths)
        if not missing:
            return
    assert not missing
