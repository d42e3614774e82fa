"""Laws of alerts whose sender has an id for the problem, for any order of reports."""

from hypothesis import given, settings
from hypothesis import strategies as st

from opsconductor.model.enums import OPEN_STATUSES
from tests.support.engine.pipeline_scene import Scene, needs, report

DEVICES = ("10.0.0.1", "10.0.0.2", "10.0.0.3")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", "3"]),
        st.sampled_from(["major", "critical", "clear"]),
        st.sampled_from(DEVICES),
        st.sampled_from(["", "trigger=1"]),
        st.sampled_from(["report", "batch", "restart", "inventory"]),
    ),
    max_size=25,
)


@given(STEPS)
@settings(max_examples=150, deadline=None)
def test_an_id_has_one_open_alert_while_its_last_report_is_a_problem(
    steps: list[tuple[str, str, str, str, str]],
) -> None:
    """Whatever moves, whatever else has the same device and type, over restarts and new inventories."""
    scene = Scene(needs(DEVICES[1], DEVICES[0]), flap_transitions=1_000)
    last: dict[str, tuple[str, str, str]] = {}
    batch = []
    for problem_id, severity, device, resource, way in steps:
        scene.now += scene.settings.grace_time / 100
        batch.append(
            report(
                device,
                severity=severity,
                resource=resource,
                at=scene.now,
                source_alert_id=problem_id,
                has_problem_id=True,
            )
        )
        last[problem_id] = severity, device, resource
        if way == "batch":
            continue
        scene.send(*batch)
        batch = []
        if way == "restart":
            scene.restart()
        elif way == "inventory":
            scene.reconfigure(needs(DEVICES[1], DEVICES[0]))
    scene.send(*batch)
    found = sorted(
        (row.source_alert_id, row.device_ip, row.resource)
        for row in scene.rows()
        if row.status in OPEN_STATUSES
    )
    assert found == sorted(
        (problem_id, device, resource)
        for problem_id, (severity, device, resource) in last.items()
        if severity != "clear"
    )
    assert sorted(alert.id for alert in scene.engine.open_alerts()) == sorted(
        row.id for row in scene.rows() if row.status in OPEN_STATUSES
    )
