"""Laws of the engine that hold for any traffic."""

from dataclasses import replace
from itertools import count
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from opsconductor.config.settings import EngineSettings
from opsconductor.engine.engine import Engine
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes
from opsconductor.model.enums import Status
from opsconductor.model.normalized import DeviceAlias, NormalizedAlert
from tests.simulation.database import Database
from tests.support.engine.pipeline_scene import ALL, START, needs, report, seconds

GRAPH = (*needs("10.0.0.2", "10.0.0.1"), *needs("10.0.0.3", "10.0.0.2", "10.0.0.1"))
INVENTORY = InventorySnapshot((), GRAPH)
NO_ID = UUID(int=0)

reports = st.builds(
    lambda device_ip, alert_type, severity, late_s: report(
        device_ip, alert_type, severity, at=START - seconds(late_s)
    ),
    st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3"]),
    st.sampled_from(["network_unreachable", "environment_temperature"]),
    st.sampled_from(["critical", "major", "minor", "clear"]),
    st.sampled_from([0, 0, 0, 5]),
)
texts = st.text(st.characters(codec=None), max_size=300)  # type: ignore[arg-type]


def engine(*, depends: bool = True) -> tuple[Engine, InventorySnapshot]:
    """Make an engine whose ids come in order."""
    numbers = count(1)
    inventory = INVENTORY if depends else InventorySnapshot()
    return Engine(EngineSettings(), inventory, [ALL], lambda _: UUID(int=next(numbers))), inventory


def run(batches: list[list[NormalizedAlert]], *, depends: bool = True) -> list[Changes]:
    """Pass batches to a new engine, all at the same time."""
    subject, inventory = engine(depends=depends)
    return [subject.apply(identify(batch, inventory), START) for batch in batches]


def rows(steps: list[Changes]) -> dict[UUID, Alert]:
    """List the rows that steps have written."""
    database = Database()
    for step in steps:
        database.write(step)
    return database.alerts


@given(st.lists(reports, max_size=30), st.integers(0, 30))
def test_where_a_batch_ends_does_not_matter(traffic: list[NormalizedAlert], cut: int) -> None:
    """One batch or two: the same rows, the same history, the same messages."""
    whole, parts = run([traffic]), run([traffic[:cut], traffic[cut:]])
    assert rows(whole) == rows(parts)
    assert whole[0].history == parts[0].history + parts[1].history
    assert whole[0].notifications == parts[0].notifications + parts[1].notifications


@given(st.lists(reports, min_size=1, max_size=10), st.integers(1, 20))
def test_repeating_a_problem_changes_only_the_count(traffic: list[NormalizedAlert], times: int) -> None:
    """The same report again and again: no history, no message, one row that counts."""
    subject, inventory = engine()
    subject.apply(identify(traffic, inventory), START)
    problem = report("10.0.0.3", "network_unreachable", "major", at=START)
    subject.apply(identify([problem], inventory), START)
    before = {alert.id: alert for alert in subject.open_alerts()}
    changes = subject.apply(identify([problem] * times, inventory), START)
    assert not (changes.created)
    assert not (changes.updated)
    assert not (changes.history)
    assert not (changes.notifications)
    (after,) = changes.repeated
    assert after == replace(before[after.id], occurrence_count=before[after.id].occurrence_count + times)


@given(st.lists(reports, max_size=30))
def test_a_resolved_alert_sends_nothing_any_more(traffic: list[NormalizedAlert]) -> None:
    """Once everything is cleared and sent, no message is sent however much time passes."""
    subject, inventory = engine()
    subject.apply(identify(traffic, inventory), START)
    types = ("network_unreachable", "environment_temperature")
    clears = [report(f"10.0.0.{n}", kind, "clear", at=START) for n in (1, 2, 3) for kind in types]
    subject.apply(identify(clears, inventory), START)
    subject.tick(START + seconds(10_000))
    assert not subject.open_alerts()
    for hours in range(1, 50):
        assert subject.tick(START + seconds(10_000 + 3_600 * hours)).is_empty


@given(st.lists(reports, max_size=30), st.randoms(use_true_random=False))
def test_the_order_of_unrelated_devices_does_not_matter(
    traffic: list[NormalizedAlert], random: st.DrawFn
) -> None:
    """Without dependencies, another order of the devices' reports leads to the same alerts."""
    by_device = {address: [each for each in traffic if each.device_ip == address] for address in ADDRESSES}
    mixed: list[NormalizedAlert] = []
    waiting = [list(each) for each in by_device.values() if each]
    while waiting:
        line = random.choice(waiting)  # type: ignore[attr-defined]
        mixed.append(line.pop(0))
        waiting = [each for each in waiting if each]
    assert bare(run([traffic], depends=False)) == bare(run([mixed], depends=False))


ADDRESSES = ("10.0.0.1", "10.0.0.2", "10.0.0.3")


def bare(steps: list[Changes]) -> list[Alert]:
    """List rows without their ids, in an order of their own."""
    found = [replace(alert, id=NO_ID) for alert in rows(steps).values()]
    return sorted(found, key=lambda alert: (alert.fingerprint, alert.status, alert.occurrence_count))


@given(st.tuples(texts, texts, texts, texts, texts), st.lists(texts, max_size=3), texts)
def test_no_text_from_the_network_breaks_a_column(
    text: tuple[str, str, str, str, str], tags: list[str], name: str
) -> None:
    """Any text from the network fits, is UTF-8, has no NUL, and keeps its alert distinct."""
    source, alert_type, title, message, resource = text
    hostile = report(
        name,
        alert_type,
        "major",
        resource,
        at=START,
        source_system=source,
        title=title + "{device_name}" + title,
        message=message,
        tags=tuple(tags),
        device_name=name,
        source_alert_id=title,
        custom_fields={name: [message, {title: float("nan")}]},
        device_aliases=(DeviceAlias(kind=title, value=message),),
    )
    (step,) = run([[hostile]])
    (alert,) = rows([step]).values()
    assert alert.status is Status.ACTIVE
    assert "\0" not in repr(step).replace("\\x00", "")
    repr(alert).encode()
    for value in (alert.title, alert.message, alert.resource, alert.alert_type, alert.device_name or ""):
        assert "\0" not in value
        value.encode()
