"""A random network and its life: devices, dependencies, traffic, operators, restarts, clock jumps."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import ClassVar, Self
from uuid import UUID

from opsconductor.config.settings import EngineSettings
from opsconductor.engine.engine import Engine
from opsconductor.engine.routing.router import Router
from opsconductor.engine.state import BUDGET, VerificationPolicy
from opsconductor.errors import CommandError
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.changes import Changes
from opsconductor.model.command import (
    Acknowledge,
    Assign,
    Command,
    Note,
    Operator,
    Reopen,
    Resolve,
    SetSeverity,
    Shelve,
    Tag,
    Unacknowledge,
    Unshelve,
    Verified,
)
from opsconductor.model.enums import AlertEvent, DependencyType, Severity
from opsconductor.model.identified import IdentifiedSnapshot
from opsconductor.model.inventory.device import Dependency
from opsconductor.model.normalized import NormalizedAlert
from opsconductor.model.notifications.grouping import DigestTimes, MessageGrouping
from opsconductor.model.notifications.maintenance import MaintenanceWindow
from opsconductor.model.notifications.policy import ChannelPolicy, RecipientLimit
from opsconductor.model.notifications.rule import Conditions, NotificationRule, RuleChannel
from opsconductor.model.notifications.time_window import RecurringWindow
from opsconductor.model.people.directory import NO_DIRECTORY
from tests.simulation.database import Database
from tests.simulation.laws import BEGINNINGS, Recipients, check, check_agenda, check_throttled, check_waited
from tests.simulation.limits import check_limits
from tests.simulation.maintenance import check_muted, check_silence, some_windows
from tests.simulation.people import PAGE, Escalations, some_people, some_rules
from tests.support.engine.pipeline_scene import ALL, ANNA, START, device, report, rule, seconds

ADDRESSES = tuple(f"10.0.0.{number}" for number in range(1, 9))
TYPES = ("network_unreachable", "network_link_down", "power_lost", "environment_temperature")
POLLED = "storage_full"
SET = (None, Severity.CRITICAL, Severity.INFO)
"""What operators set severities to; None: as the device has it."""
KINDS = (DependencyType.NETWORK, DependencyType.NETWORK, DependencyType.POWER, DependencyType.MANAGEMENT)
WAITING = (
    rule("aged", 20, minimum_age=seconds(300)),
    rule("left", 21, unacknowledged_for=seconds(600)),
    rule("often", 22, minimum_occurrences=3),
    rule("cause", 23, is_cause=True),
    rule("morning", 24, time=(RecurringWindow(zone="Europe/Berlin", begin=6 * 60, end=12 * 60),)),
    rule(
        "night",
        25,
        none=(Conditions(time=(RecurringWindow(zone="UTC", begin=360, end=1_200),)),),
        minimum_age=seconds(60),
    ),
    rule("reopened", 26, event=(AlertEvent.REOPENED, AlertEvent.FLAPPING), minimum_age=seconds(30)),
    rule("stops", 300, stop=True, minimum_severity=Severity.MAJOR, minimum_age=seconds(100)),
    rule("after", 301),
)
INFORMED = (
    rule("acknowledged", 30, event=(AlertEvent.ACKNOWLEDGED,)),
    rule("resolved", 31, event=(AlertEvent.RESOLVED,)),
    rule("expired", 32, event=(AlertEvent.EXPIRED,)),
)
GROUPED = (
    replace(rule("grouped", 40), grouping=MessageGrouping(by=("device",))),
    replace(rule("together", 41), grouping=MessageGrouping(wait=seconds(5), interval=seconds(60))),
    replace(
        rule("digest", 42),
        grouping=MessageGrouping(digest=DigestTimes(zone="Europe/Berlin", at=(480, 750, 960))),
    ),
)
SEVERITIES = ("critical", "major", "major", "minor", "warning", "info")


class World:
    """A network, an engine that watches it, and the database behind it.

    Attributes:
        basis: The rules that always apply.
        begun: Alerts that began or were reopened under the present rules.
        sent: How many problems were reported, without those that pollers list.
        jumped: How many messages had been sent when the clock was last set.
        acts: What may happen, and how often.
    """

    acts: ClassVar[Mapping[Callable[[Self], None], float]]

    def __init__(self, seed: int, *, has_people: bool = False) -> None:
        self.seed = seed
        self.random = random.Random(seed)
        self.now = START
        self.database = Database()
        self.recipients = Recipients()
        self.sent = self.jumped = 0
        self.dependencies = self._dependencies()
        self.inventory = InventorySnapshot((), self.dependencies)
        self.has_people = has_people
        self.directory = some_people(self.random) if has_people else NO_DIRECTORY
        self.escalations = Escalations()
        self.basis = self.random.choice(([ALL, PAGE], [PAGE])) if has_people else [ALL]
        self.rules: list[NotificationRule] = [*self.basis]
        self.ruled_since = self.now
        self.begun: set[UUID] = set()
        self.settings = EngineSettings(
            settle_time=self.random.choice((0, 5, 5, 60)),
            grace_time=self.random.choice((0, 30, 30, 3_600)),
            reopen_window=self.random.choice((0, 300, 300, 7_200)),
            flap_stable_time=self.random.choice((10, 120, 1_000)),
            clear_memory=self.random.choice((0, 60)),
        )
        self.looks = VerificationPolicy(
            verifiers={"poller"},
            applies_to=lambda alert: alert.alert_type == TYPES[1],
            hold_time=seconds(self.random.choice((0, 5, 5, 90))),
        )
        self.policies = self._policies()
        self.windows: tuple[MaintenanceWindow, ...] = ()
        self._ids = count(10_000)
        self.budget = self.random.choice((1, 2, 5, BUDGET, BUDGET))
        self.engine = self._engine()

    def live(self, steps: int) -> None:
        """Run steps, and check all laws after each."""
        for _ in range(steps):
            self.happen()
        self.end()

    def happen(self) -> None:
        """Make a moment pass and something happen."""
        self.now += self._pause()
        (act,) = self.random.choices(list(self.acts), weights=list(self.acts.values()))
        act(self)
        self.check()

    def end(self) -> None:
        """Clear everything and let time pass: nothing may be held, or stay open, for ever."""
        self.rest()
        clears = [
            report(
                alert.device_ip,
                alert.alert_type,
                "clear",
                alert.resource,
                at=self.now,
                source_system=alert.source_system,
                source_alert_id=alert.source_alert_id,
                has_problem_id=alert.has_problem_id,
            )
            for alert in self.engine.open_alerts()
        ]
        self._commit(self.engine.apply(identify(clears, self.inventory), self.now))
        self.rest()
        assert not self.engine.open_alerts(), "an alert is stale"
        assert not self.recipients.owed, "a recovery was never sent"

    def rest(self) -> None:
        """Advance time until nothing is due any more."""
        for _ in range(10_000):
            due = self.engine.next_due()
            if due is None:
                break
            self.now = max(self.now, due)
            self._commit(self.engine.tick(self.now))
        self.check()
        assert self.engine.next_due() is None
        assert not any(alert.notify_at for alert in self.engine.open_alerts())

    def check(self) -> None:
        """Check the laws, and that no report was lost."""
        check(self.engine, self.database, self.recipients, self.dependencies)
        check_agenda(self.engine)
        check_waited(self.engine, self.ruled_since)
        check_throttled(self.engine, self.begun)
        check_muted(self.engine, self.windows)
        self.escalations.check(self.engine, self.database)
        rows = self.database.alerts.values()
        assert sum(row.occurrence_count for row in rows if row.alert_type != POLLED) == self.sent

    def traffic(self) -> None:
        """Send a batch of reports, some late, some with impossible clocks."""
        reports = [self._report() for _ in range(self.random.choice((1, 1, 2, 3, 10, 40)))]
        self._send(reports)

    def bounce(self) -> None:
        """Make one fault come and go many times, so that it flaps."""
        where = (self.random.choice(ADDRESSES), self.random.choice(TYPES))
        for position in range(self.random.randrange(3, 12)):
            self.now += seconds(self.random.choice((0, 1, 20)))
            each = report(*where, "clear" if position % 2 else "major", at=self.now)
            self._send([each])

    def poll(self) -> None:
        """Pass on the view of one of two pollers, sometimes an old one."""
        at = self.now - seconds(self.random.choice((0, 0, 0, 5, 400)))
        listed = [
            report(
                address,
                POLLED,
                self.random.choice(SEVERITIES),
                at=at,
                is_cutting=True,
                message=message,
                acknowledged_by=self._taker(),
            )
            for address in ADDRESSES
            for message in self.random.choices(("full", "very full"), k=self.random.choice((0, 0, 0, 1, 2)))
        ]
        snapshot = IdentifiedSnapshot(
            scope=self.random.choice(("a", "b")),
            alerts=tuple(identify(listed, self.inventory)),
            taken_at=at,
        )
        self._commit(self.engine.reconcile(snapshot, self.now))

    def tick(self) -> None:
        """Do what is due."""
        self._commit(self.engine.tick(self.now))

    def operate(self) -> None:
        """Execute a random command on a random alert, if its state allows it."""
        alerts = list(self.engine.open_alerts()) + list(self.engine._state.book.closed.values())
        if not alerts:
            return
        alert = self.random.choice(alerts)
        command: Command = self.random.choice(
            (
                Acknowledge(alert_id=alert.id, operator=ANNA, notes="mine"),
                Acknowledge(alert_id=alert.id, operator=ANNA),
                Unacknowledge(alert_id=alert.id, operator=ANNA),
                Resolve(alert_id=alert.id, operator=ANNA),
                Note(alert_id=alert.id, operator=ANNA, notes="look"),
                Reopen(alert_id=alert.id, operator=ANNA),
                SetSeverity(alert_id=alert.id, operator=ANNA, severity=self.random.choice(SET)),
                Tag(alert_id=alert.id, operator=ANNA, add=("vip",)),
                Tag(alert_id=alert.id, operator=ANNA, remove=("vip",)),
                Shelve(alert_id=alert.id, operator=ANNA, until=self.now + seconds(self._shelf_s())),
                Unshelve(alert_id=alert.id, operator=ANNA),
                Assign(alert_id=alert.id, operator=ANNA, assigned_to="bert"),
                Verified(
                    alert_id=alert.id,
                    operator=Operator(name="poller"),
                    is_over=self.random.choice((True, False, None)),
                    looked_at=self.now - seconds(self.random.choice((0, 0, 40))),
                ),
            )
        )
        before = dict(self.engine._state.book.open)
        try:
            self._commit(self.engine.command(command, self.now))
        except CommandError:
            assert before == self.engine._state.book.open

    def restart(self) -> None:
        """Start anew from the database; when no time has passed, there is nothing to do."""
        self._commit(self.engine.tick(self.now))
        due, state = self.engine.next_due(), self.engine._state
        is_done = not state.is_unsettled and (due is None or due > self.now)
        is_current = is_done and self.now == state.clock.now
        self._forget_review()
        self.engine = self._engine()
        self._load(self.database)
        if is_current:
            changes = self.engine.tick(self.now)
            assert changes.is_empty, "a restart changed something"

    def _load(self, database: Database) -> None:
        alerts = database.load(self.now - self.settings.reopen_window)
        self.engine.load(alerts, self.now, database.documents.values())

    def _forget_review(self) -> None:
        """A restart before all alerts are reevaluated after a change of rules begins that again."""
        if self.engine._state.unrouted or self.engine._state.review:
            self.ruled_since = self.now

    def jump(self) -> None:
        """Set the clock wrong, or right again."""
        self.jumped = len(self.recipients.messages)
        self.now += seconds(self.random.choice((-3, -9, -60, -3_600, -86_400, 3_600, 86_400)))

    def change_rules(self) -> None:
        """Replace the rules other than those on everything, and now and then the people."""
        others = (
            rule("critical", 10, severity=("critical",)),
            rule("throttled", 11, throttle_s=600),
            rule("worse", 12, severity=("critical", "major"), throttle_s=300),
            NotificationRule(
                id=UUID(int=13),
                name="twice",
                channels=(*ALL.channels, RuleChannel(channel="hook")),
                conditions=Conditions(device_ip_pattern=("10.0.0.1", "10.0.0.4/30")),
                priority=1,
            ),
            *WAITING,
            *INFORMED,
            *GROUPED,
        )
        self.rules = [*self.basis, *self.random.sample(others, self.random.randrange(len(others) + 1))]
        if self.has_people:
            self.rules += some_rules(self.random)
            self.directory = self.random.choice((self.directory, some_people(self.random)))
        self.ruled_since = self.now
        self.begun.clear()
        self._reconfigure()

    def maintain(self) -> None:
        """Replace the maintenance windows, or end them."""
        self.windows = some_windows(self.random, ADDRESSES, self.now)
        self._commit(self.engine.maintain(self.windows, self.now))

    def change_inventory(self) -> None:
        """Redraw the graph; now and then an address turns out to belong to another device."""
        self.dependencies = self._dependencies()
        devices = []
        if self.random.random() < 0.3:
            devices.append(device(ADDRESSES[0], "core", addresses=("10.0.0.2",), role="core"))
            self.dependencies = tuple(
                each for each in self.dependencies if "10.0.0.2" not in (each.device_ip, each.depends_on_ip)
            )
        self.inventory = InventorySnapshot(devices, self.dependencies)
        self._reconfigure()

    def _send(self, reports: Sequence[NormalizedAlert]) -> None:
        """Process reports, all the way to the database."""
        self.sent += sum(not each.is_clear for each in reports)
        changes = self.engine.apply(identify(reports, self.inventory), self.now)
        assert changes.folded == len(reports)
        self._commit(changes)

    def _reconfigure(self) -> None:
        router = Router(self.rules, self.directory)
        self._commit(self.engine.reconfigure(self.settings, self.inventory, router, self.now))

    def _commit(self, changes: Changes) -> None:
        self.database.write(changes)
        self.recipients.listen(changes)
        self.begun.update(row.alert_id for row in changes.history if row.action in BEGINNINGS)
        now = self.engine._state.clock.now
        check_silence(changes.notifications, self.database.alerts, self.windows, now)
        check_limits(changes.notifications, self.recipients.messages[self.jumped :], self.policies)

    def _pause(self) -> timedelta:
        return seconds(self.random.choice((0, 0, 1, 3, 6, 31, 100, 400, 3_000)))

    def _report(self) -> NormalizedAlert:
        alert_type = self.random.choice(TYPES)
        resource = self.random.choice(("ifIndex=1", "ifIndex=2")) if alert_type == TYPES[1] else ""
        severity = "clear" if self.random.random() < 0.4 else self.random.choice(SEVERITIES)
        at = self.now - seconds(self.random.choice((0, 0, 0, 0, 2, 40, 1_000, -1_000)))
        values: dict[str, object] = {"acknowledged_by": self._taker()}
        if alert_type == TYPES[3]:
            values["expires_after"] = seconds(900)
        return report(self.random.choice(ADDRESSES), alert_type, severity, resource, at=at, **values)

    def _shelf_s(self) -> float:
        return self.random.choice((10, 600, 600, 5_000))

    def _taker(self) -> str | None:
        """Acknowledge a problem at its source, now and then."""
        return self.random.choice(("prtg", "carl")) if self.random.random() < 0.15 else None

    def _dependencies(self) -> tuple[Dependency, ...]:
        drawn: dict[tuple[str, str, DependencyType], Dependency] = {}
        for _ in range(self.random.randrange(4, 14)):
            below, above = self.random.sample(ADDRESSES, 2)
            kind = self.random.choice(KINDS)
            via = self.random.choice(((), (), ("ifIndex=1",), ("ifIndex=1", "ifIndex=2")))
            drawn[below, above, kind] = Dependency(
                device_ip=below, depends_on_ip=above, dependency_type=kind, via_resources=via
            )
        return tuple(drawn.values())

    def _engine(self) -> Engine:
        router = Router(self.rules, self.directory)
        engine = Engine(
            self.settings, self.inventory, router, self._new_id, looks=self.looks, windows=self.windows
        )
        engine.combine(self.policies)
        engine._state.budget = self.budget
        return engine

    def _policies(self) -> Mapping[str, ChannelPolicy]:
        """Limit the recipients of mails, or not."""
        limit = RecipientLimit(
            messages=self.random.choice((0, 2, 10)),
            within=seconds(900),
            summary_every=seconds(self.random.choice((60, 300))),
        )
        policies = {"mail": ChannelPolicy(limit=limit), "hook": ChannelPolicy(is_single=True)}
        return policies if random.Random(self.seed).random() < 0.7 else {}

    def _new_id(self, _: datetime) -> UUID:
        return UUID(int=next(self._ids))


ACTS: dict[Callable[[World], None], float] = {
    World.traffic: 50,
    World.bounce: 4,
    World.poll: 8,
    World.tick: 12,
    World.operate: 14,
    World.restart: 4,
    World.jump: 2,
    World.change_rules: 4,
    World.change_inventory: 2,
    World.maintain: 4,
}

World.acts = ACTS
