"""In-memory alert engine. The only writer of alert state; performs no I/O.

Time is passed as an argument and everything to be written is returned as `Changes`, so days of
traffic can be simulated in seconds, and replayed.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from opsconductor.config.settings import EngineSettings
from opsconductor.engine.agenda import NEVER
from opsconductor.engine.alert_index import device_key
from opsconductor.engine.correlation.impacted import count_impacts
from opsconductor.engine.correlation.preview import NetworkState
from opsconductor.engine.correlation.review import review
from opsconductor.engine.fold import fold_all
from opsconductor.engine.grouping.batches import UnreadableDocument
from opsconductor.engine.muting.announced import WINDOW
from opsconductor.engine.muting.announcing import announce_windows
from opsconductor.engine.muting.ending import follow_mutes
from opsconductor.engine.muting.windows import MuteWindows
from opsconductor.engine.operators import commands
from opsconductor.engine.recipients.foreseen import Forecast, forecast_of
from opsconductor.engine.reconcile import abandon, reconcile
from opsconductor.engine.rerouting import reroute_grown
from opsconductor.engine.routing.explaining import ExplainedVerdict, explained
from opsconductor.engine.routing.router import Router
from opsconductor.engine.routing.situation import Situation
from opsconductor.engine.state import NO_VERIFICATION, EngineState, VerificationPolicy
from opsconductor.engine.step import EngineStep
from opsconductor.engine.timeouts import elapse
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes, EngineDocument
from opsconductor.model.command import Command
from opsconductor.model.enums import Status
from opsconductor.model.identified import IdentifiedReport, IdentifiedSnapshot
from opsconductor.model.ids import NewId, time_ordered_id
from opsconductor.model.notifications.maintenance import MaintenanceWindow
from opsconductor.model.notifications.policy import ChannelPolicy
from opsconductor.model.notifications.rule import NotificationRule, RuleVerdict


class Engine:
    """The only writer of alert state.

    Every method that returns `Changes` is one step: what is due by then is done first, then the request
    itself. The caller writes the changes before it relies on the next step's.
    """

    def __init__(
        self,
        settings: EngineSettings,
        inventory: InventorySnapshot,
        rules: Sequence[NotificationRule] | Router,
        new_id: NewId = time_ordered_id,
        *,
        looks: VerificationPolicy = NO_VERIFICATION,
        windows: Sequence[MaintenanceWindow] = (),
    ) -> None:
        """Begin without alerts.

        Args:
            rules: A router has a directory of persons beside the rules.
        """
        router = rules if isinstance(rules, Router) else Router(rules)
        muting = MuteWindows(windows, inventory)
        self._state = EngineState(
            settings=settings, inventory=inventory, router=router, new_id=new_id, looks=looks, windows=muting
        )

    def load(
        self, alerts: Iterable[Alert], now: datetime, documents: Iterable[EngineDocument] = ()
    ) -> list[UnreadableDocument]:
        """Load the state of the database: alerts that are open or were closed within the reopen window.

        The next steps bring them into line with the present inventory; nothing is notified twice.

        Returns:
            The documents that cannot be read; the engine works without them.
        """
        self._state.clock.observe(now)
        # what was closed in the future, by a clock that has been corrected since, is left alone
        known = (alert for alert in alerts if alert.resolved_at is None or alert.resolved_at <= now)
        self._state.index(sorted(known, key=lambda alert: alert.resolved_at or alert.received_at))
        self._state.remember_notices()
        kept = list(documents)
        others = [each for each in kept if each.kind != WINDOW]
        unreadable = self._state.batches.load(others, self._state.book.open.values(), now)
        self._state.batches.correct(now)
        unreadable += self._state.announced.load_all(each for each in kept if each.kind == WINDOW)
        return unreadable

    def apply(self, events: Sequence[IdentifiedReport], now: datetime, *, most: int | None = None) -> Changes:
        """Fold reports into alerts, in order.

        Args:
            most: Maximum number of folded reports that are more than repeats; None: all. `Changes.folded` is
                the number of reports that are done; the caller passes the rest to the next step.
        """
        return self._step(now, lambda work: fold_all(work, events, most))

    def reconcile(self, snapshot: IdentifiedSnapshot, now: datetime) -> Changes:
        """Reconcile the alerts of a scope with a poller's snapshot."""
        return self._step(now, lambda work: reconcile(work, snapshot))

    def abandon(self, scopes: Collection[str], now: datetime) -> Changes:
        """Close what is listed in scopes for which no snapshot will come again."""
        return self._step(now, lambda work: abandon(work, scopes))

    def tick(self, now: datetime) -> Changes:
        """Do what is due by now."""
        return self._step(now, lambda _: None)

    def command(self, command: Command, now: datetime) -> Changes:
        """Execute an operator's command.

        Raises:
            AlertNotFound: The engine has no such alert.
            AlertConflict: The alert's state does not allow it, or differs from what the operator saw.
            CommandExpired: It was to be executed earlier.
            In each case nothing has changed.
        """
        work = self._begin(now)
        commands.check(self._state, command, now)
        announce_windows(work)
        commands.execute(work, command)
        return _finish(work)

    def reconfigure(
        self,
        settings: EngineSettings,
        inventory: InventorySnapshot,
        rules: Sequence[NotificationRule] | Router,
        now: datetime,
    ) -> Changes:
        """Use a new configuration and start to re-evaluate all open alerts with it.

        That continues in the following steps; `next_due` is in the past until it is done.

        Args:
            rules: Compiled where the step must be short: compiling a thousand takes a tenth of a second.
        """
        self._state.configure(settings, inventory, rules)
        return self._step(now, lambda _: None)

    def combine(self, policies: Mapping[str, ChannelPolicy]) -> None:
        """Set how the messages of each channel may be combined; what waits already is sent when it is due."""
        self._state.batches.policies = defaultdict(ChannelPolicy, policies)

    def maintain(self, windows: Sequence[MaintenanceWindow], now: datetime) -> Changes:
        """Use other maintenance windows; alerts follow in this and the following steps."""
        self._state.maintain(windows)
        return self._step(now, lambda _: None)

    def next_due(self) -> datetime | None:
        """Return when `tick` has something to do; None: never, as things are."""
        due_at = self._state.agenda.due_at
        return None if due_at == NEVER else max(due_at, self._state.clock.now)

    def open_alerts(self) -> list[Alert]:
        """Return the open alerts in a new list."""
        return list(self._state.book.open.values())

    def count_listed(self, scope: str) -> int:
        """Return the number of open alerts that the latest snapshot of a scope has listed."""
        return self._state.book.listed.count(scope)

    @property
    def open(self) -> Mapping[str, Alert]:
        """Return a view of the open alerts by fingerprint.

        A step may be running in a thread: copy the view to iterate over it.
        """
        return self._state.book.open

    def open_at(self, device: str) -> list[Alert]:
        """Return the open alerts of a device: its address, or its name if it has none."""
        book = self._state.book
        found = (book.open.get(fingerprint) for fingerprint in book.by_device.get(device))
        return [alert for alert in found if alert is not None]

    @property
    def scopes(self) -> frozenset[str]:
        """Return the scopes with open alerts."""
        return self._state.book.listed.keys()

    @property
    def statuses(self) -> Mapping[Status, int]:
        """Count the open alerts by status."""
        return self._state.book.statuses

    @property
    def held(self) -> int:
        """Return the number of alerts in memory: open ones, and recently closed ones."""
        return len(self._state.book.open) + len(self._state.book.closed)

    def known_alerts(self) -> list[Alert]:
        """Return the open and the recently closed alerts in a new list."""
        return list(self._state.book)

    def get(self, alert_id: UUID) -> Alert | None:
        """Return an alert that is open or was closed recently, or None."""
        return self._state.book.find(alert_id)

    def waits(self, alert: Alert) -> Mapping[tuple[str, str], datetime]:
        """Return when the messages are due that are still to name an alert, by channel and recipient."""
        batches = self._state.batches
        return {
            (entry.channel, entry.recipient): batches.pending[entry.batch].due_at
            for entry in alert.notified
            if entry.batch is not None and entry.batch in batches.pending
        }

    @property
    def windows(self) -> Sequence[MaintenanceWindow]:
        """Return the maintenance windows in force."""
        return self._state.windows.windows

    @property
    def router(self) -> Router:
        """Return the rules in force."""
        return self._state.router

    @property
    def inventory(self) -> InventorySnapshot:
        """Return the devices and dependencies in force."""
        return self._state.inventory

    def network_state(self) -> NetworkState:
        """Return the inventory and the open alerts, to find out in a thread what would be suppressed."""
        types = self._state.settings.reachability_types
        return NetworkState(inventory=self.inventory, alerts=self.open_alerts(), reachability_types=types)

    def explain(self, alert: Alert, changes: Mapping[str, Any], at: datetime) -> list[ExplainedVerdict]:
        """Return the verdict of every rule on a decision in the history of an alert.

        Args:
            changes: Content of the history row.
            at: When it was written.
        """
        device = self._state.inventory.device_at(device_key(alert))
        return list(explained(self._state.router, alert, changes, at, device))

    def forecast(self, alert: Alert, at: datetime) -> list[RuleVerdict]:
        """Return the verdict of every rule on an alert as it is, if it were evaluated at a time."""
        device = self._state.inventory.device_at(device_key(alert))
        situation = Situation(alert=alert, event=alert.last_event, at=at, device=device)
        return list(self._state.router.explain(situation))

    def foresee(self, alert: Alert, at: datetime) -> Forecast:
        """Return whom the rules would notify of an alert as it is, and the steps that would follow."""
        device = self._state.inventory.device_at(device_key(alert))
        situation = Situation(alert=alert, event=alert.last_event, at=at, device=device)
        return forecast_of(self._state.router, situation)

    def _step(self, now: datetime, act: Callable[[EngineStep], None]) -> Changes:
        work = self._begin(now)
        if work.is_due:
            announce_windows(work)
            review(work)
            elapse(work)
        act(work)
        return _finish(work)

    def _begin(self, now: datetime) -> EngineStep:
        state = self._state
        is_set_back = state.clock.observe(now)
        is_due = is_set_back or state.agenda.due_at <= state.clock.now
        is_begun = is_due and state.windows.observe(state.clock.now)
        if is_set_back:
            state.begin_anew()
        elif is_begun:
            state.find_unmarked()
        state.prune()
        return EngineStep(state)


def _finish(work: EngineStep) -> Changes:
    state = work.state
    _settle(work)
    if work.is_due and state.windows.take_ended():  # after the timers, which are due before
        state.find_unmarked()
    if state.unmarked:
        follow_mutes(work)
        _settle(work)
    if work.grown:
        reroute_grown(work)
    state.renew_agenda()
    return work.finish()


def _settle(work: EngineStep) -> None:
    work.settle_all()
    if work.book.chains.changed:
        count_impacts(work)
