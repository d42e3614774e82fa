"""With any clock, no alert ends before it began, and none stays in the future."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.engine.pipeline_scene import Scene, report, seconds

DEVICES = ("10.0.0.1", "10.0.0.2")
DAY_S = 86_400

jumps = st.sampled_from([0, 1, 8, 12, 120, 4_000, DAY_S, 400 * DAY_S]).flatmap(
    lambda length: st.sampled_from([length, -length])
)
reports = st.tuples(
    st.sampled_from(DEVICES),
    st.sampled_from(["critical", "minor", "clear"]),
    st.sampled_from([-DAY_S, -60, -1, 0, 1, 60, DAY_S]),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), jumps), st.tuples(st.just("report"), reports), st.just(("restart", 0))
    ),
    max_size=25,
)


@given(steps=steps)
@settings(max_examples=150, deadline=None)
def test_times_of_an_alert_are_in_order_by_any_clock(steps: list[tuple[str, object]]) -> None:
    """Begun, last seen, ended: in this order, and not after now while it is open."""
    scene = Scene()
    for kind, what in steps:
        if kind == "wait":
            scene.wait(what)  # type: ignore[arg-type]
        elif kind == "restart":
            scene.restart()
            scene.wait(0)
        else:
            address, severity, shift_s = what  # type: ignore[misc]
            scene.send(report(address, severity=severity, at=scene.now + seconds(shift_s)))
        for alert in scene.rows():
            assert alert.occurred_at <= alert.last_occurrence_at
            if alert.resolved_at is not None:
                assert alert.occurred_at <= alert.resolved_at
        for alert in scene.engine.open_alerts():
            latest = max(
                alert.last_occurrence_at, alert.occurred_at, alert.acknowledged_at or alert.occurred_at
            )
            # a small step back is waited out
            assert latest - scene.now <= timedelta(seconds=10)
