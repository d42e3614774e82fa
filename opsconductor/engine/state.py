"""State of the engine between steps."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from opsconductor.config.settings import EngineSettings
from opsconductor.engine.agenda import Agenda
from opsconductor.engine.alert_index import AlertIndex
from opsconductor.engine.clock import EngineClock, is_untimely
from opsconductor.engine.correlation.pending import Pending, Review
from opsconductor.engine.correlation.reachability import Reachability
from opsconductor.engine.grouping.batches import Batches
from opsconductor.engine.memory import ClearMemory, EarlierStates, NoticeMemory
from opsconductor.engine.muting.announced import AnnouncedWindows
from opsconductor.engine.muting.windows import MuteWindows
from opsconductor.engine.priority import impact_of
from opsconductor.engine.routing.router import Router
from opsconductor.engine.timers import TimerKind, Timers, is_needed
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
from opsconductor.model.changes import EngineDocument
from opsconductor.model.enums import SEVERITY_RANK, Level
from opsconductor.model.ids import NewId
from opsconductor.model.notifications.maintenance import MaintenanceWindow
from opsconductor.model.notifications.rule import NotificationRule


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationPolicy:
    """The engine's settings for verification, which it never starts itself.

    Attributes:
        verifiers: Names of the connectors that can verify alerts now.
        applies_to: Returns True if a new alert will be verified; answers at once, without the network.
        hold_time: How long an alert is held while the result is unknown.
    """

    verifiers: Collection[str]
    applies_to: Callable[[Alert], bool]
    hold_time: timedelta


NO_VERIFICATION = VerificationPolicy(verifiers=(), applies_to=lambda _: False, hold_time=timedelta(0))
"""No alert is verified, and nothing is held for it."""


SPARE_TIMERS = 10_000
TIMERS_EACH = 6
SWEPT_TIMERS = 500
"""Timers that a sweep checks in one step: less than a millisecond."""
BUDGET = 750
"""Evaluations in one step, at most about 5 ms."""


@dataclass(slots=True)
class EngineState:
    """The engine's memory; only steps of the engine change it.

    Attributes:
        windows: The maintenance windows.
        agenda: When a part of all this has something to do.
        snapshots: When the latest snapshot of each scope was taken.
        reachability: What cuts devices off.
        batches: Messages about several alerts that wait, and the limits of recipients.
        pending: Alerts to correlate again.
        review: Alerts to bring into line with the inventory, before that.
        rejected: While there may be causes of a former inventory, or one has moved: alerts for which a
            cause was rejected because of its chain.
        unrouted: Fingerprints of alerts for which it is to be found out anew when a rule may fire.
        unrouted_since: Since when; None: that is done. What has become due meanwhile is not known yet.
        untimely: Fingerprints of alerts with times in the future.
        unacknowledged: Alerts before their last acknowledgement, so that it can be taken back.
        unshelved: Alerts before they were last shelved.
        announced: Maintenance windows whose beginning was announced.
        unmarked: Fingerprints of alerts whose marks may not agree with the windows.
        budget: Number of evaluations of other alerts that a step may spend, a few us each.
    """

    settings: EngineSettings
    inventory: InventorySnapshot
    router: Router
    new_id: NewId
    looks: VerificationPolicy
    windows: MuteWindows
    agenda: Agenda = field(default_factory=Agenda)
    announced: AnnouncedWindows = field(default_factory=AnnouncedWindows)
    book: AlertIndex = field(init=False)
    clock: EngineClock = field(default_factory=EngineClock)
    timers: Timers = field(init=False)
    clears: ClearMemory = field(default_factory=ClearMemory)
    notices: NoticeMemory = field(default_factory=NoticeMemory)
    unacknowledged: EarlierStates = field(default_factory=EarlierStates)
    unshelved: EarlierStates = field(default_factory=EarlierStates)
    batches: Batches = field(init=False)
    snapshots: dict[str, datetime] = field(default_factory=dict)
    impacts: dict[str, Level] = field(default_factory=dict)
    reachability: Reachability = field(init=False)
    pending: Pending = field(init=False)
    review: Review = field(default_factory=Review)
    rejected: dict[str, None] | None = None
    unrouted: list[str] = field(default_factory=list)
    unrouted_since: datetime | None = None
    untimely: Sequence[Alert] = ()
    unmarked: dict[str, None] = field(default_factory=dict)
    budget: int = BUDGET

    def __post_init__(self) -> None:
        self.book = AlertIndex(())
        self.timers, self.batches = Timers(self.agenda), Batches(self.agenda)
        self.pending = Pending(self.agenda)
        self._map()

    @property
    def is_unsettled(self) -> bool:
        """Return True if alerts are still to be evaluated because of what has happened so far."""
        is_concerned = self.pending or self.reachability.has_concerned
        return bool(is_concerned or self.review or self.rejected is not None or self.untimely)

    @property
    def longest_wait(self) -> timedelta:
        """Return the longest time for which an alert may be held before it is notified."""
        return max(self.settings.settle_time, self.settings.grace_time, self.looks.hold_time)

    def next_due(self) -> datetime | None:
        """Ask all parts when the next of them has something to do; None: none has, as things are."""
        waiting = (self.book.chains.changed, self.unmarked, self.windows.has_moved)
        if self.is_unsettled or self.unrouted_since is not None or any(waiting):
            return self.clock.now
        times = (self.timers.next_due(), self.windows.next_change, self.batches.next_due())
        return min((at for at in times if at is not None), default=None)

    def renew_agenda(self) -> None:
        """Ask all parts for their work, if some was due or is left at the end of a step."""
        if self.agenda.due_at <= self.clock.now or self.book.chains.changed or self.unmarked:
            self.agenda.renew(self.next_due())

    def take_documents(self) -> tuple[EngineDocument, ...]:
        """Return the state beside alerts that has changed since the last call."""
        batches, announced = self.batches, self.announced
        if not (batches.changed or batches.impacts.changed or announced.changed):
            return ()
        return (*batches.take_changes(), *announced.take_changes())

    def is_circular(self, device: str) -> bool:
        """Return True if a device may depend on itself through others."""
        return device in self.inventory.graph.circular

    def settle(self) -> bool:
        """Queue the rejected alerts again after all others; return whether there are any."""
        if self.review or not self.rejected:
            self.rejected = self.rejected if self.review else None
            return False
        self.pending.add_alerts(tuple(self.rejected))
        self.rejected = None
        return True

    def impact(self, device: str | None) -> Level:
        """Return the impact of a device, by its key; computed once per device."""
        if device is None:
            return Level.LOW
        if not (device in self.inventory.graph.dependents or self.inventory.device_at(device)):
            return Level.LOW
        level = self.impacts.get(device)
        if level is None:
            level = self.impacts[device] = impact_of(device, self.inventory, self.settings)
        return level

    def configure(
        self,
        settings: EngineSettings,
        inventory: InventorySnapshot,
        rules: Sequence[NotificationRule] | Router,
    ) -> None:
        """Use a new configuration; open alerts must be re-evaluated afterwards."""
        is_reviewed = settings != self.settings or inventory is not self.inventory
        if is_reviewed:
            self.review.begin(self.inventory, self.book)
            self.settings, self.inventory, self.impacts = settings, inventory, {}
            self.rejected = {}
            self._map()
            self._watch(MuteWindows(self.windows.windows, inventory))
        router = rules if isinstance(rules, Router) else Router(rules)
        is_rerouted = router is not self.router and not router.is_like(self.router)
        if is_rerouted:
            self.router, self.unrouted_since = router, None
        if is_reviewed:
            self._find_unrouted(())
        elif is_rerouted:
            self._find_unrouted(self.book.open.values())
        self.notices.prune(lambda rule_id: self.router.rule(rule_id) is not None)
        self.agenda.add_work()

    def maintain(self, windows: Sequence[MaintenanceWindow]) -> None:
        """Use other maintenance windows; alerts must be marked afterwards."""
        self._watch(MuteWindows(windows, self.inventory))
        self.find_unmarked()

    def index(self, alerts: Iterable[Alert]) -> None:
        """Rebuild index and timers from alerts, and queue everything for evaluation."""
        self.book = AlertIndex(alerts)
        self.book.chains.changed.clear()
        self.pending = Pending(self.agenda)
        self.review = Review()
        self.review.begin(None, self.book)
        self.rejected = {}
        self._map()
        self.timers.clear()
        for alert in self.book.open.values():
            self.timers.require(alert)
        self._find_unrouted(())
        self._find_untimely()
        self._watch(self.windows)

    def begin_anew(self) -> None:
        """Forget what was remembered by a wrong clock, and queue times for correction."""
        self.clears.clear()
        self.snapshots.clear()
        self.batches.correct(self.clock.now)
        self._find_unrouted(self.book.open.values())
        self._find_untimely()
        self.find_unmarked()
        self.agenda.add_work()

    def may_be_muted(self, alert: Alert) -> bool:
        """Return False if neither a maintenance window nor a person mutes an alert or has muted it."""
        return self.windows.is_active or alert.muted_by is not None or alert.shelved_until is not None

    def find_unmarked(self) -> None:
        """Queue all open alerts if a maintenance window is active, else those that are or may be marked."""
        self.unmarked = {name: None for name, alert in self.book.open.items() if self.may_be_muted(alert)}

    def _map(self) -> None:
        """Clear the cache of cuts; it is computed again on demand."""
        types = self.settings.reachability_types
        self.reachability = Reachability(self.inventory.graph, self.book, types, self.agenda)

    def _watch(self, windows: MuteWindows) -> None:
        """Use maintenance windows from now on."""
        self.windows = windows
        windows.observe(self.clock.now)
        self.agenda.add_work()

    def _find_unrouted(self, alerts: Iterable[Alert]) -> None:
        """Queue those of some alerts for which it is to be found out anew when a rule may fire."""
        now, since = self.clock.now, self.unrouted_since
        self.unrouted = [alert.fingerprint for alert in alerts if self._may_wait(alert)]
        self.unrouted_since = now if since is None else min(since, now)

    def _may_wait(self, alert: Alert) -> bool:
        """Return True if an alert waits for a rule, or may wait now; its acknowledgement may expire."""
        router = self.router
        return bool(router.waits or alert.reroute_at or (router.names_people and alert.acknowledged_at))

    def queue_reviewed(self, alert: Alert) -> None:
        """Queue an open alert after its review: to find those concerned before it would take a long step."""
        if self._may_wait(alert):
            self.unrouted.append(alert.fingerprint)
        if self.windows.is_active or alert.muted_by:
            self.unmarked[alert.fingerprint] = None

    def _find_untimely(self) -> None:
        longest = self.longest_wait
        self.untimely = [alert for alert in self.book if is_untimely(alert, self.clock.now, longest)]

    def remember_notices(self) -> None:
        """Count notified problems as notified when they last became problems."""
        for alert in self.book:
            at = alert.transitions[-1] if alert.transitions else alert.received_at
            for recipient in alert.notified:
                rule = self.router.rule(recipient.rule_id)
                if rule is not None and rule.throttle:
                    key, rank = self.notice_key(alert), SEVERITY_RANK[alert.severity]
                    self.notices.remember(rule, key, at=at, rank=rank)

    def notice_key(self, alert: Alert) -> str:
        """Return the identity of a fault for the throttle of rules, the same for every id of the sender."""
        return self.book.subject(alert.fingerprint) or alert.fingerprint

    def queue_renamed(self, alert: Alert) -> None:
        """Set the timers of an open alert with a new fingerprint, and queue it for what it waits for."""
        self.timers.require(alert)
        if self.unrouted:
            self.unrouted.append(alert.fingerprint)

    def prune(self) -> None:
        """Remove what is too old to matter."""
        now, timers = self.clock.now, self.timers
        if self.book.closed:
            self.book.forget_closed(now, self.settings.reopen_window)
        if self.clears.until <= now:
            self.clears.prune(now)
        if timers.unswept:
            timers.sweep(self._is_needed, SWEPT_TIMERS)
        elif len(timers.heap) > SPARE_TIMERS + TIMERS_EACH * len(self.book.open):
            timers.begin_sweep()

    def _is_needed(self, due: datetime, kind: TimerKind, fingerprint: str) -> bool:
        alert = self.book.open.get(fingerprint)
        return alert is not None and is_needed(alert, kind, due, self.settings)
