"""Replay: recorded events run with their own times, and the result is compared with the real alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from opsconductor.engine.engine import Engine
from opsconductor.errors import DecodeError
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.enums import Category, NotificationKind, Severity, Status
from opsconductor.model.event import ArchivedEvent, RawEvent
from opsconductor.model.normalized import NormalizedAlert, Snapshot
from opsconductor.replay.compare import Fate, NotifiedInReplay, RealAlert, differences, notified_in
from opsconductor.replay.replay import Outcome, Replay, UnmappedTrap
from tests.support.engine.pipeline_scene import ALL, START, Scene, device, needs, report, seconds

CORE, EDGE = "10.0.0.1", "10.0.0.2"
DOWN, UNREACHABLE = "network_link_down", "network_unreachable"


@dataclass
class Script:
    """A source whose payloads are reports: `device alert_type severity`."""

    def normalize(self, raw: RawEvent) -> Sequence[NormalizedAlert] | Snapshot:
        """Read a payload."""
        assert raw.parsed is None
        words = raw.payload.decode().split()
        if words[0] == "broken":
            raise DecodeError("truncated")
        if words[0] == "snapshot":
            problems = tuple(report(name, "power_fan", at=raw.received_at) for name in words[1:])
            return Snapshot(scope="poller", alerts=problems, taken_at=raw.received_at)
        category = Category.UNKNOWN if words[1] == "unknown_trap" else Category.NETWORK
        return [report(*words, at=raw.received_at, category=category)]


def archived(*payloads: tuple[float, str], connector: str = "traps") -> list[ArchivedEvent]:
    """Make an archive of payloads, each so many seconds after the start."""
    return [
        ArchivedEvent(
            id=UUID(int=number),
            connector=connector,
            received_at=START + seconds(after),
            payload=payload.encode(),
        )
        for number, (after, payload) in enumerate(payloads)
    ]


def replayed(events: Sequence[ArchivedEvent], until_s: float = 600, scene: Scene | None = None) -> Outcome:
    """Replay events with the configuration of a scene."""
    scene = scene or Scene()
    engine = Engine(scene.settings, scene.inventory, scene.rules)
    replay = Replay({"traps": Script()}, scene.inventory, engine, START)  # type: ignore[dict-item]
    replay.play(events)
    replay.pass_time(START + seconds(until_s))
    return replay.outcome


def real(alert: object, **values: object) -> RealAlert:
    """Turn a replayed alert into a real one, with differences."""
    names = RealAlert.__slots__
    return RealAlert(**({name: getattr(alert, name) for name in names} | values))  # type: ignore[arg-type]


def test_repeats_fold_and_clears_resolve() -> None:
    """A replay uses the whole engine."""
    outcome = replayed(archived((0, f"{EDGE} {DOWN}"), (1, f"{EDGE} {DOWN}"), (20, f"{EDGE} {DOWN} clear")))
    (alert,) = outcome.alerts.values()
    assert (alert.occurrence_count, alert.status, alert.received_at) == (2, Status.RESOLVED, START)
    assert outcome.events == 3


def test_time_comes_from_the_events() -> None:
    """A held alert is sent when its time is over, and not before; one that ends before that never is."""
    scene = Scene(needs(EDGE, CORE))
    events = archived((0, f"{EDGE} {DOWN}"))
    assert not replayed(events, until_s=1, scene=scene).notices
    (notice,) = replayed(events, until_s=6, scene=scene).notices
    assert (notice.rule, notice.kind) == (ALL.name, NotificationKind.PROBLEM)
    blip = archived((0, f"{EDGE} {DOWN}"), (2, f"{EDGE} {DOWN} clear"), (3600, f"{CORE} {DOWN}"))
    outcome = replayed(blip, until_s=3_700, scene=scene)
    assert {outcome.alerts[notice.alert_id].device_ip for notice in outcome.notices} == {CORE}


def test_consequences_are_suppressed() -> None:
    """Dependencies of the inventory in the replay apply, in any order of reports."""
    events = archived((0, f"{EDGE} {UNREACHABLE} critical"), (1, f"{CORE} {UNREACHABLE} critical"))
    alone = replayed(events)
    dependent = replayed(events, scene=Scene(needs(EDGE, CORE)))
    assert len(alone.notices) == 2
    assert len(dependent.notices) == 1
    assert {alert.status for alert in dependent.alerts.values()} == {Status.ACTIVE, Status.SUPPRESSED}


def test_snapshots_are_reconciled() -> None:
    """An alert that is missing from a poller's later answer is over."""
    outcome = replayed(archived((0, f"snapshot {CORE} {EDGE}"), (60, f"snapshot {CORE}")))
    assert {a.device_ip: a.status for a in outcome.alerts.values()} == {
        CORE: Status.ACTIVE,
        EDGE: Status.RESOLVED,
    }


def test_events_that_cannot_be_replayed_are_counted() -> None:
    """Undecodable events, those of removed connectors and those never archived are counted."""
    count = ArchivedEvent(id=UUID(int=99), connector="traps", received_at=START, sampled_count=40)
    outcome = replayed([count, *archived((1, "broken")), *archived((2, "x y"), connector="gone")])
    assert (outcome.events, outcome.not_kept) == (2, 40)
    assert outcome.undecodable == {("traps", "truncated"): 1}
    assert outcome.no_connector == {"gone": 1}


def test_events_without_mapping_are_listed() -> None:
    """Each unmapped type of event has its device, as the inventory names it."""
    scene = Scene(devices=[device(EDGE, "edge")])
    outcome = replayed(archived(*[(n, f"{EDGE} unknown_trap warning 1.3.6") for n in range(3)]), scene=scene)
    assert outcome.unmapped == {UnmappedTrap("traps", "unknown_trap", "1.3.6", EDGE, "edge"): 3}


def test_no_events_are_no_alerts() -> None:
    """No event, no alert."""
    assert replayed([]) == Outcome()


def test_notifications_are_counted_by_rule_and_recipient() -> None:
    """The sum covers the given alerts."""
    outcome = replayed(archived((0, f"{EDGE} {DOWN}"), (0, f"{CORE} {DOWN}"), (60, f"{EDGE} {DOWN} clear")))
    notified = NotifiedInReplay("all", "mail", "noc@example.org", "problem")
    assert notified_in(outcome, outcome.alerts.values()) == {
        notified: 2,
        notified._replace(kind="recovery"): 1,
    }
    core = [alert for alert in outcome.alerts.values() if alert.device_ip == CORE]
    assert notified_in(outcome, core) == {notified: 1}


def test_the_same_alerts_make_no_difference() -> None:
    """An unchanged configuration has no differences."""
    alerts = replayed(archived((0, f"{EDGE} {DOWN}"), (1, f"{CORE} {DOWN}"))).alerts.values()
    span = {"begin": START, "end": START + seconds(600)}
    assert differences(alerts, [real(alert) for alert in alerts], **span) == []


def test_differences_are_listed_by_alert() -> None:
    """Alerts that are new, that are missing, and those with changed fields."""
    alerts = list(replayed(archived((0, f"{EDGE} {DOWN}"), (0, f"{CORE} {DOWN}"))).alerts.values())
    same = real(alerts[0], severity="minor", title="Before")
    missing = real(alerts[1], fingerprint="0" * 64, device_name="old-name")
    found = differences(alerts, [same, missing], begin=START, end=START + seconds(600))
    assert [(each.fate, each.device, dict(each.fields)) for each in found] == [
        (Fate.ADDED, CORE, {}),
        (Fate.CHANGED, EDGE, {"severity": ("minor", "major"), "title": ("Before", DOWN)}),
        (Fate.MISSING, "old-name", {}),
    ]


def test_alerts_beyond_the_span_are_no_differences() -> None:
    """An alert from before may be missing, and one that went on afterwards may have changed since."""
    (alert,) = replayed(archived((0, f"{EDGE} {DOWN}"))).alerts.values()
    end = START + seconds(600)
    before = real(alert, fingerprint="1" * 64, occurred_at=START - timedelta(days=1))
    assert differences([], [before], begin=START, end=end) == []
    later = real(alert, severity=Severity.CRITICAL, last_occurrence_at=end)
    assert differences([alert], [later], begin=START, end=end) == []


def test_inventory_is_only_read() -> None:
    """Two replays with one inventory do not affect each other."""
    scene = Scene()
    assert isinstance(scene.inventory, InventorySnapshot)
    events = archived((0, f"{EDGE} {DOWN}"))
    first, second = replayed(events, scene=scene), replayed(events, scene=scene)
    assert len(first.alerts) == len(second.alerts) == 1
