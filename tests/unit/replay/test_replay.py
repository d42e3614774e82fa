"""The past is lived through once more with the time of its events, and compared with what really was."""

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
from tests.support.pipeline_scene import ALL, START, Scene, device, needs, report, seconds

CORE, EDGE = "10.0.0.1", "10.0.0.2"
DOWN, UNREACHABLE = "network_link_down", "network_unreachable"


@dataclass
class Script:
    """A source whose payloads say what they report: `device alert_type severity`."""

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


def archived(*told: tuple[float, str], connector: str = "traps") -> list[ArchivedEvent]:
    """Make an archive of payloads, each so many seconds after the start."""
    return [
        ArchivedEvent(
            id=UUID(int=number),
            connector=connector,
            received_at=START + seconds(after),
            payload=payload.encode(),
        )
        for number, (after, payload) in enumerate(told)
    ]


def replayed(events: Sequence[ArchivedEvent], until_s: float = 600, scene: Scene | None = None) -> Outcome:
    """Live through events with the configuration of a scene."""
    scene = scene or Scene()
    engine = Engine(scene.settings, scene.inventory, scene.rules)
    replay = Replay({"traps": Script()}, scene.inventory, engine, START)  # type: ignore[dict-item]
    replay.play(events)
    replay.pass_time(START + seconds(until_s))
    return replay.outcome


def real(alert: object, **values: object) -> RealAlert:
    """Take a replayed alert for a real one, with differences."""
    names = RealAlert.__slots__
    return RealAlert(**({name: getattr(alert, name) for name in names} | values))  # type: ignore[arg-type]


def test_repeats_fold_and_clears_resolve() -> None:
    """What is replayed goes through the whole engine."""
    outcome = replayed(archived((0, f"{EDGE} {DOWN}"), (1, f"{EDGE} {DOWN}"), (20, f"{EDGE} {DOWN} clear")))
    (alert,) = outcome.alerts.values()
    assert (alert.occurrence_count, alert.status, alert.received_at) == (2, Status.RESOLVED, START)
    assert outcome.events == 3


def test_time_comes_from_the_events() -> None:
    """What is held back is told when its time is over, and not before; what ends before that never."""
    scene = Scene(needs(EDGE, CORE))
    events = archived((0, f"{EDGE} {DOWN}"))
    assert not replayed(events, until_s=1, scene=scene).notices
    (notice,) = replayed(events, until_s=6, scene=scene).notices
    assert (notice.rule, notice.kind) == (ALL.name, NotificationKind.PROBLEM)
    blip = archived((0, f"{EDGE} {DOWN}"), (2, f"{EDGE} {DOWN} clear"), (3600, f"{CORE} {DOWN}"))
    outcome = replayed(blip, until_s=3_700, scene=scene)
    assert {outcome.alerts[notice.alert_id].device_ip for notice in outcome.notices} == {CORE}


def test_consequences_are_suppressed() -> None:
    """Dependencies of the inventory that is tried hold, in whatever order reports came."""
    events = archived((0, f"{EDGE} {UNREACHABLE} critical"), (1, f"{CORE} {UNREACHABLE} critical"))
    alone = replayed(events)
    dependent = replayed(events, scene=Scene(needs(EDGE, CORE)))
    assert len(alone.notices) == 2
    assert len(dependent.notices) == 1
    assert {alert.status for alert in dependent.alerts.values()} == {Status.ACTIVE, Status.SUPPRESSED}


def test_snapshots_are_reconciled() -> None:
    """What is missing from a poller's later answer is over."""
    outcome = replayed(archived((0, f"snapshot {CORE} {EDGE}"), (60, f"snapshot {CORE}")))
    assert {a.device_ip: a.status for a in outcome.alerts.values()} == {
        CORE: Status.ACTIVE,
        EDGE: Status.RESOLVED,
    }


def test_what_cannot_be_replayed_is_counted() -> None:
    """Undecodable events, those of connectors that are gone and those never kept are told, not hidden."""
    count = ArchivedEvent(id=UUID(int=99), connector="traps", received_at=START, sampled_count=40)
    outcome = replayed([count, *archived((1, "broken")), *archived((2, "x y"), connector="gone")])
    assert (outcome.events, outcome.not_kept) == (2, 40)
    assert outcome.undecodable == {("traps", "truncated"): 1}
    assert outcome.no_connector == {"gone": 1}


def test_what_no_mapping_knows_is_listed() -> None:
    """Each unmapped kind of event with its device, as the inventory names it."""
    scene = Scene(devices=[device(EDGE, "edge")])
    outcome = replayed(archived(*[(n, f"{EDGE} unknown_trap warning 1.3.6") for n in range(3)]), scene=scene)
    assert outcome.unmapped == {UnmappedTrap("traps", "unknown_trap", "1.3.6", EDGE, "edge"): 3}


def test_no_events_are_no_alerts() -> None:
    """Nothing happens when nothing has happened."""
    assert replayed([]) == Outcome()


def test_notifications_are_counted_by_rule_and_recipient() -> None:
    """The sum is over the alerts that one asks for."""
    outcome = replayed(archived((0, f"{EDGE} {DOWN}"), (0, f"{CORE} {DOWN}"), (60, f"{EDGE} {DOWN} clear")))
    told = NotifiedInReplay("all", "mail", "noc@example.org", "problem")
    assert notified_in(outcome, outcome.alerts.values()) == {told: 2, told._replace(kind="recovery"): 1}
    core = [alert for alert in outcome.alerts.values() if alert.device_ip == CORE]
    assert notified_in(outcome, core) == {told: 1}


def test_the_same_alerts_make_no_difference() -> None:
    """A configuration that has not changed shows nothing."""
    alerts = replayed(archived((0, f"{EDGE} {DOWN}"), (1, f"{CORE} {DOWN}"))).alerts.values()
    span = {"begin": START, "end": START + seconds(600)}
    assert differences(alerts, [real(alert) for alert in alerts], **span) == []


def test_differences_are_told_fault_by_fault() -> None:
    """Alerts that are new, that are missing, and those whose fields have changed."""
    alerts = list(replayed(archived((0, f"{EDGE} {DOWN}"), (0, f"{CORE} {DOWN}"))).alerts.values())
    same = real(alerts[0], severity="minor", title="Before")
    missing = real(alerts[1], fingerprint="0" * 64, device_name="old-name")
    found = differences(alerts, [same, missing], begin=START, end=START + seconds(600))
    assert [(each.fate, each.device, dict(each.fields)) for each in found] == [
        (Fate.ADDED, CORE, {}),
        (Fate.CHANGED, EDGE, {"severity": ("minor", "major"), "title": ("Before", DOWN)}),
        (Fate.MISSING, "old-name", {}),
    ]


def test_what_reaches_beyond_the_span_is_not_held_against_it() -> None:
    """An alert from before may be missing, and one that went on afterwards may have changed since."""
    (alert,) = replayed(archived((0, f"{EDGE} {DOWN}"))).alerts.values()
    end = START + seconds(600)
    before = real(alert, fingerprint="1" * 64, occurred_at=START - timedelta(days=1))
    assert differences([], [before], begin=START, end=end) == []
    later = real(alert, severity=Severity.CRITICAL, last_occurrence_at=end)
    assert differences([alert], [later], begin=START, end=end) == []


def test_inventory_is_only_read() -> None:
    """Two replays with one inventory do not know of each other."""
    scene = Scene()
    assert isinstance(scene.inventory, InventorySnapshot)
    events = archived((0, f"{EDGE} {DOWN}"))
    first, second = replayed(events, scene=scene), replayed(events, scene=scene)
    assert len(first.alerts) == len(second.alerts) == 1
