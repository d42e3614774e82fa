"""The engine lives through random days; the laws hold after every step."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.simulation.world import World


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_the_laws_hold_in_every_world(seed: int) -> None:
    """Traffic, operators, restarts, clock jumps and new configurations break none of them."""
    World(seed).live(80)
