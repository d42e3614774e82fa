"""Flood limiter: limits what a device, and all together, may make the engine do.

A message passes if it costs little, or if it is the only one of its kind:

- **Clears always pass.** Without them an alert would stay open for ever.
- **Repeats of open alerts always pass**: the engine counts them in their alert for a microsecond each,
  the archive samples them. So no count is lost, and the first and the last are kept. A device that sends
  more messages than its budget raises one alert, `network_trap_storm`.
- **New and changed alerts** (new, reopened, of another severity) are the costly part of a flood: each is a
  row of an alert and one of history, and memory as long as it is open. A device has a separate budget for
  them, so that a port which repeats one trap for ever does not hide that a fan has failed: the first
  ones pass, and the rest is counted in the storm's alert.
- All devices together have a budget for them, too, since source addresses can be forged. It is
  divided so that small demands are met in full (`fair_shares`), and devices of the inventory have one
  apart from unknown ones. The rest is counted in `application_alert_storm`.
- **What is worse than everything withheld so far passes**, and so does a critical of another alert type,
  out of a small reserve (see `reserve`); the storm's alert has the highest severity that it withholds.

The limiter is between identify and fold because only a normalized message shows whether it is a clear, and
only the engine whether it is a repeat; before that there are only bytes, which the intake takes from each
sender in turn. What is beyond a budget is replaced by the report of its storm, one for one: every
message is counted in the `occurrence_count` of exactly one alert, and is acknowledged when that is committed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from opsconductor.config.settings import StormSettings
from opsconductor.engine.engine import Engine
from opsconductor.flood.cost import Exemptions, Wanted, beyond, device_of, groups_of, is_known, wanted_of
from opsconductor.flood.reserves import SHARE
from opsconductor.flood.storms import Storm, Storms
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.ledger.ledger import Key
from opsconductor.limits import BoundedMap, Rate, TokenBucket
from opsconductor.model.changes import Changes
from opsconductor.model.identified import IdentifiedReport
from opsconductor.model.normalized import NormalizedAlert

LOOKED_AT = 500
"""Maximum number of messages of a batch examined for the description of a storm."""

FEW = 50
"""Number of changes in a batch below which they are not examined: expiries, ends of settle times."""

RESERVED = 0.25
"""Share of the maximum number of alerts that is reserved for devices of the inventory."""

MOST_SENDERS = 40_000
"""Maximum number of senders remembered, about 10 MB; more devices than that seldom send at once."""

_address = attrgetter("device_ip")
_fingerprint = attrgetter("fingerprint")


class SenderBudget:
    """Token buckets of one device.

    Attributes:
        messages: For everything that it sends.
        new_or_changed: For what changes something: new alerts, reopened alerts, other severities.
    """

    __slots__ = ("messages", "new_or_changed")

    def __init__(self, rate: Rate, now_s: float) -> None:
        self.messages = TokenBucket(rate, now_s)
        self.new_or_changed = TokenBucket(rate, now_s)


class Senders:
    """Budgets by device, of the latest `most` senders.

    A device that floods is in every batch and so never evicted; an evicted one has not sent while many others
    did, and starts again with a full budget, which it would nearly have had anyway.
    """

    def __init__(self, rate: Rate, most: int = MOST_SENDERS) -> None:
        self._rate = rate
        self._known: BoundedMap[str, SenderBudget] = BoundedMap(most)

    def __len__(self) -> int:
        """Return the number of known senders."""
        return len(self._known)

    def meet(self, device: str, now_s: float) -> SenderBudget:
        """Return the budget of a sender; a new one is full."""
        sender = self._known.use(device)
        if sender is None:
            sender = self._known[device] = SenderBudget(self._rate, now_s)
        return sender


def fair_shares(wanted: Mapping[str, int], supply: int) -> dict[str, int]:
    """Return max-min fair shares: equal, but none larger than the demand.

    Small demands are met in full before large ones get more, so that a device that sends little is not
    displaced by a flood.

    Returns:
        By name; together no more than `supply`.
    """
    shares: dict[str, int] = {}
    left, waiting = max(0, supply), len(wanted)
    for name, amount in sorted(wanted.items(), key=lambda each: each[1]):
        share = min(amount, -(-left // waiting))  # rounded up: the remainder goes to the smallest amounts
        shares[name] = share
        left -= share
        waiting -= 1
    return shares


class Admitted(NamedTuple):
    """A batch after flood control.

    Attributes:
        events: As many as before, in the same order; some replaced by the report of a storm.
        new_or_changed: Maximum number of new or changed alerts; some changes of severity are not foreseen.
        counts: What was replaced, for the ledger: stage `summarized`.
    """

    events: Sequence[IdentifiedReport]
    new_or_changed: int
    counts: Mapping[Key, int]


class FloodLimiter:
    """Budgets of all devices and the current storms; kept as long as the daemon runs.

    Args of the constructor:
        host: Name of this host: the device of the alert on all devices together.
    """

    def __init__(self, settings: StormSettings, host: str) -> None:
        self._most_alerts = settings.most_alerts
        self._rate = Rate(settings.sender_per_s, settings.sender_burst)
        self._rate_of_all = Rate(settings.new_alerts_per_s, settings.new_alerts_burst)
        self._senders = Senders(self._rate)
        self._of_all: dict[bool, TokenBucket] = {}
        self._exemptions = Exemptions(self._rate_of_all)
        self._storms = Storms(settings, host)
        self._is_changing = False
        self._changes = 0

    def admit(
        self, events: Sequence[IdentifiedReport], engine: Engine, inventory: InventorySnapshot, now: datetime
    ) -> Admitted:
        """Pass what the budgets allow, and count the rest in the alerts of storms."""
        now_s = now.timestamp()
        storming = self._spend(events, now_s)
        fresh = set(map(_fingerprint, events)).difference(engine.open)
        changing = storming if self._is_changing else {}
        if not fresh and not changing:
            return Admitted(events, 0, {})
        wanted = wanted_of(events, fresh, changing, engine.open)
        self._changes = sum(
            amount for found in wanted.values() for key, amount in found.items() if key not in fresh
        )
        refused = self._refuse(wanted, engine.held, inventory, now_s)
        new_or_changed = sum(
            amount
            for found in wanted.values()
            for fingerprint, amount in found.items()
            if fingerprint not in refused
        )
        if not refused:
            return Admitted(events, new_or_changed, {})
        room = int(self._most_alerts * (1 + SHARE)) - engine.held - new_or_changed
        groups = groups_of(events, refused, engine.open)
        withheld, spared = self._exemptions.withhold(events, groups, inventory, now_s=now_s, room=room)
        passed = _replaced(events, withheld, refused, inventory, now)
        counts = _counts_of((events[position] for position in withheld), refused)
        return Admitted(passed, new_or_changed + spared, counts)

    def learn(self, changes: Changes) -> None:
        """Record what a batch has changed.

        Changes of severity are looked for only after a batch with many: in most storms there are none,
        and examining every repeat costs as much as everything else here.
        """
        self._is_changing = max(len(changes.history) - len(changes.created), self._changes) > FEW
        self._changes = 0

    def storms(self, now: datetime) -> list[NormalizedAlert]:
        """Return the reports of the current storms."""
        return self._storms.reports(now)

    def _spend(self, events: Sequence[IdentifiedReport], now_s: float) -> Mapping[str, Storm]:
        """Take every message from its device's budget; return the devices that are beyond it."""
        counts: Counter[str] = Counter(map(_address, events))
        if None in counts:
            del counts[None]
            counts.update(device_of(event) for event in events if event.device_ip is None)
        over = {
            device
            for device, amount in counts.items()
            if self._senders.meet(device, now_s).messages.spend(amount, self._rate, now_s)
        }
        storming = self._rage(over, events, now_s) if over else {}
        if self._storms.of_device:
            self._storms.note(counts, now_s)
        return storming

    def _rage(self, over: set[str], events: Sequence[IdentifiedReport], now_s: float) -> Mapping[str, Storm]:
        """Examine what the devices beyond their budget send."""
        storming = {device: storm for device in over if (storm := self._storms.go_on(device, now_s))}
        if len(storming) < len(over):
            for event in events:
                device = device_of(event)
                if device in over and device not in storming:
                    storming[device] = self._storms.start_device_storm(device, event, now_s)
        for event in events[:: 1 + len(events) // LOOKED_AT]:
            known = storming.get(device_of(event))
            if known is not None:
                known.look_at(event)
        return storming

    def _refuse(
        self, wanted: Wanted, held: int, inventory: InventorySnapshot, now_s: float
    ) -> dict[str, Storm]:
        """Return the new and changed alerts beyond a budget: by fingerprint the storm that counts them."""
        buckets = {device: self._senders.meet(device, now_s).new_or_changed for device in wanted}
        allowed = {
            device: min(sum(found.values()), buckets[device].available(self._rate, now_s))
            for device, found in wanted.items()
        }
        shares = self._share(allowed, self._most_alerts - held, inventory, now_s)
        refused: dict[str, Storm] = {}
        for device, found in wanted.items():
            buckets[device].take(shares[device])
            own = beyond(found, allowed[device])
            storm = self._storms.of_device.get(device)
            for fingerprint in beyond(found, shares[device]):
                known = storm if fingerprint in own else None
                refused[fingerprint] = known or self._storms.start_global_storm(now_s)
        return refused

    def _share(
        self, allowed: Mapping[str, int], room: int, inventory: InventorySnapshot, now_s: float
    ) -> dict[str, int]:
        """Divide the common budget: devices of the inventory first, then the others.

        Args:
            room: Number of alerts that may still be kept in memory.
        """
        shares: dict[str, int] = {}
        groups: dict[bool, dict[str, int]] = {True: {}, False: {}}
        for device, amount in allowed.items():
            groups[is_known(device, inventory)][device] = amount
        for is_own, group in groups.items():
            bucket = self._of_all.setdefault(is_own, TokenBucket(self._rate_of_all, now_s))
            spared = 0 if is_own else int(self._most_alerts * RESERVED)
            supply = min(bucket.available(self._rate_of_all, now_s), room - spared)
            given = fair_shares(group, supply)
            taken = sum(given.values())
            bucket.take(taken)
            room -= taken
            shares |= given
        return shares


def _replaced(
    events: Sequence[IdentifiedReport],
    withheld: Iterable[int],
    refused: Mapping[str, Storm],
    inventory: InventorySnapshot,
    now: datetime,
) -> list[IdentifiedReport]:
    """Replace everything that is withheld by the report of its storm."""
    passed = list(events)
    reports: dict[int, IdentifiedReport] = {}
    for position in withheld:
        storm = refused[events[position].fingerprint]
        report = reports.get(id(storm))
        if report is None:
            report = reports[id(storm)] = identify([storm.report(now)], inventory)[0]
        passed[position] = report
    return passed


def _counts_of(withheld: Iterable[IdentifiedReport], refused: Mapping[str, Storm]) -> Counter[Key]:
    return Counter(
        Key(
            event.report.source_system,
            "summarized",
            "all_budget" if refused[event.fingerprint].is_of_all else "device_budget",
        )
        for event in withheld
    )
