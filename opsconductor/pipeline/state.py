"""What the engine holds from one step to the next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from opsconductor.config.settings import EngineSettings
from opsconductor.inventory.snapshot import InventorySnapshot, Place
from opsconductor.model.alert import Alert
from opsconductor.model.enums import SEVERITY_RANK, Level
from opsconductor.model.ids import NewId
from opsconductor.model.rule import NotificationRule
from opsconductor.pipeline.book import Book
from opsconductor.pipeline.clock import Clock
from opsconductor.pipeline.cuts import Severed
from opsconductor.pipeline.identify import identify_again
from opsconductor.pipeline.looks import NO_LOOKS, Looks
from opsconductor.pipeline.memory import ClearMemory, NoticeMemory
from opsconductor.pipeline.priority import impact_of
from opsconductor.pipeline.route import Router
from opsconductor.pipeline.timers import TimerKind, Timers

SPARE_TIMERS = 10_000
TIMERS_EACH = 6


@dataclass(slots=True)
class State:
    """The engine's memory; only steps of the engine change it.

    Attributes:
        snapshots: When the latest snapshot of each scope was taken.
        severed: What cuts a device off, by device, as long as no cut begins or ends.
        moved: Where open alerts belong now, by fingerprint or subject; as far as reports are remembered.
        must_review: Alerts were loaded, or the world has changed: everything open is to be looked at.
    """

    settings: EngineSettings
    inventory: InventorySnapshot
    router: Router
    new_id: NewId
    looks: Looks = NO_LOOKS
    book: Book = field(init=False)
    clock: Clock = field(default_factory=Clock)
    timers: Timers = field(default_factory=Timers)
    clears: ClearMemory = field(default_factory=ClearMemory)
    notices: NoticeMemory = field(default_factory=NoticeMemory)
    snapshots: dict[str, datetime] = field(default_factory=dict)
    severed: dict[str, tuple[Severed, ...]] = field(default_factory=dict)
    impacts: dict[str, Level] = field(default_factory=dict)
    moved: Mapping[str, Place] = field(default_factory=dict)
    must_review: bool = False

    def __post_init__(self) -> None:
        self.book = Book((), self.inventory.graph)

    def impact(self, device_ip: str | None) -> Level:
        """Tell how much suffers when a device does; asked once per device of the inventory."""
        if device_ip is None:
            return Level.LOW
        is_known = device_ip in self.inventory.graph.dependents or self.inventory.device_at(device_ip)
        if not is_known:
            return Level.LOW
        level = self.impacts.get(device_ip)
        if level is None:
            level = self.impacts[device_ip] = impact_of(device_ip, self.inventory, self.settings)
        return level

    def configure(
        self, settings: EngineSettings, inventory: InventorySnapshot, rules: Sequence[NotificationRule]
    ) -> None:
        """Take over a new configuration; what is open must be looked at afterwards."""
        self.moved = identify_again(self.inventory, inventory, self.book.is_concerned)
        self.settings, self.inventory, self.router = settings, inventory, Router(rules)
        self.notices.prune(lambda rule_id: self.router.rule(rule_id) is not None)
        self.impacts = {}
        self.index(tuple(self.book))

    def index(self, alerts: Iterable[Alert]) -> None:
        """Build the book and the timers anew from alerts."""
        self.book = Book(alerts, self.inventory.graph)
        self.severed = {}
        self.set_timers()
        self.must_review = True

    def begin_anew(self) -> None:
        """Forget what was remembered by a clock that was wrong, and have everything looked at."""
        self.clears.clear()
        self.snapshots.clear()
        self.must_review = True

    def remember_notices(self) -> None:
        """Take the problems that people were told of as told when they last became problems."""
        for alert in self.book:
            at = alert.transitions[-1] if alert.transitions else alert.received_at
            for told in alert.notified:
                rule = self.router.rule(told.rule_id)
                if rule is not None:
                    key, rank = self.notice_key(alert), SEVERITY_RANK[alert.severity]
                    self.notices.remember(rule, key, at=at, rank=rank)

    def notice_key(self, alert: Alert) -> str:
        """Name the fault for the throttle of rules, the same for every id that a sender gives it."""
        return self.book.subject(alert.fingerprint) or alert.fingerprint

    def set_timers(self) -> None:
        """Set the timers of all open alerts anew."""
        self.timers.clear()
        for alert in self.book.open.values():
            self.set_timers_of(alert)

    def set_timers_of(self, alert: Alert) -> None:
        """Set every timer that the fields of an open alert ask for."""
        if alert.notify_at is not None:
            self.timers.push(alert.notify_at, TimerKind.NOTIFY, alert.fingerprint)
        if alert.expires_at is not None:
            self.timers.push(alert.expires_at, TimerKind.EXPIRE, alert.fingerprint)
        if alert.flapping_since is not None:
            self.timers.push(alert.flapping_since, TimerKind.STABLE, alert.fingerprint)

    def prune(self) -> None:
        """Forget what is too old to matter."""
        now = self.clock.now
        self.book.forget_closed(now, self.settings.reopen_window)
        self.clears.prune(now)
        if len(self.timers) > SPARE_TIMERS + TIMERS_EACH * len(self.book.open):
            self.set_timers()
