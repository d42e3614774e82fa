"""Recommendations: rules over the facts of a report; pure. `RULES` declares them in the order of weight."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta

from opsconductor.reports.availability import Availability
from opsconductor.reports.document import Recommended
from opsconductor.reports.facts import AlertFact, ReportFacts
from opsconductor.reports.words import amount_text

RECENT = timedelta(days=30)
MOST_NAMED = 5
MOST_OF_A_RULE = 3
SAME_MODEL = 3
"""Devices of one model with one kind of alert that are no coincidence."""
HARDWARE = frozenset({"environment", "power", "storage"})
FLAPS = 3
STORM = 50
STALE = timedelta(days=14)
LOW_PERCENT = 99.0

Rule = Callable[[ReportFacts, list[Availability]], Iterable[Recommended]]


def recommendations(facts: ReportFacts, available: list[Availability]) -> tuple[Recommended, ...]:
    """Return what the rules find, a few of each."""
    return tuple(each for rule in RULES for each in list(rule(facts, available))[:MOST_OF_A_RULE])


def one_model(facts: ReportFacts, _: list[Availability]) -> Iterable[Recommended]:
    """Recommend a look at devices of one model with the same hardware alert: a fault of the model or site."""
    since = facts.period.end - RECENT
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for alert in facts.alerts:
        device = facts.devices.get(alert.device)
        if device and device.model and alert.category in HARDWARE and alert.occurred_at >= since:
            found[device.model, alert.alert_type].add(device.name)
    for (model, alert_type), names in sorted(found.items(), key=lambda each: -len(each[1])):
        if len(names) >= SAME_MODEL:
            yield Recommended(
                title=f"{alert_type} on {len(names)} devices of the model {model} in 30 days",
                why=f"{_names(names)}. The same fault on several devices of one model is rarely chance.",
                remedy="Ask the maker for a known fault or firmware; look at the rooms; order spares.",
            )


def flapping(facts: ReportFacts, _: list[Availability]) -> Iterable[Recommended]:
    """Recommend a repair of the resources that flap most."""
    flaps: Counter[tuple[str, str]] = Counter()
    for alert in facts.alerts:
        flaps[alert.device_name, alert.resource] += alert.flapped
    for (name, resource), amount in flaps.most_common(MOST_OF_A_RULE):
        if amount >= FLAPS:
            yield Recommended(
                title=f"{name} {resource} flapped {amount} times",
                why="A port or session that goes up and down disturbs more than one that is down.",
                remedy="Replace cable and optics, compare speed and duplex on both ends, or shut the port.",
            )


def storms(facts: ReportFacts, _: list[Availability]) -> Iterable[Recommended]:
    """Recommend dependencies for devices with many alerts: without them nothing can be suppressed."""
    amounts = Counter(alert.device for alert in _of_period(facts) if alert.device not in facts.dependent)
    many = {key: amount for key, amount in amounts.items() if amount >= STORM}
    if many:
        yield Recommended(
            title=f"Storms of alerts from {amount_text(len(many), 'device')} without dependencies",
            why=f"{_names(_name(facts, key) for key in many)}: {sum(many.values()):,} alerts. Without "
            "dependencies nothing can be suppressed under its cause.",
            remedy="Declare their dependencies, or take them from NetBox cables (docs/inventory.md).",
        )


def unmapped(facts: ReportFacts, _: list[Availability]) -> Iterable[Recommended]:
    """Recommend mappings for the traps that have none."""
    found = [alert for alert in _of_period(facts) if alert.alert_type == "unknown_trap"]
    if found:
        yield Recommended(
            title=f"{amount_text(len(found), 'alert')} of traps without a mapping",
            why=f"From {_names(alert.device_name for alert in found)}. Their severity is guessed, and no "
            "clear ends them.",
            remedy="opsconductor mappings report proposes mappings, or names the MIB that is missing.",
        )


def certificates(facts: ReportFacts, _: list[Availability]) -> Iterable[Recommended]:
    """Recommend the renewal of certificates that expire soon."""
    found = [
        alert for alert in _of_period(facts) if "certificate" in alert.alert_type and alert.closed_at is None
    ]
    if found:
        yield Recommended(
            title=f"Certificates that end soon or have ended: {len(found)}",
            why=f"On {_names(alert.device_name for alert in found)}.",
            remedy="Renew them before clients refuse the connection.",
        )


def unheard(facts: ReportFacts, _: list[Availability]) -> Iterable[Recommended]:
    """Recommend a check of the rules if no one was notified of critical alerts."""
    found = [
        alert
        for alert in _of_period(facts)
        if alert.severity == "critical" and not alert.is_notified and not alert.is_consequence
    ]
    if found:
        yield Recommended(
            title=f"No one was notified of {amount_text(len(found), 'critical alert')}",
            why=f"On {_names(alert.device_name for alert in found)}, such as: {found[0].title}.",
            remedy="opsconductor alerts why ID shows which rules were asked and why none fired.",
        )


def stale(facts: ReportFacts, _: list[Availability]) -> Iterable[Recommended]:
    """Recommend a decision about alerts that have been open for weeks."""
    before = facts.period.end - STALE
    found = [alert for alert in facts.alerts if alert.closed_at is None and alert.occurred_at < before]
    if found:
        yield Recommended(
            title=f"{amount_text(len(found), 'alert')} open for more than 14 days",
            why=f"On {_names(alert.device_name for alert in found)}. What is always open is not looked at.",
            remedy="Repair the fault, resolve what is over, or shelve what is accepted.",
        )


def poor(_: ReportFacts, available: list[Availability]) -> Iterable[Recommended]:
    """Recommend a look at devices that were down often."""
    found = [each for each in available if each.percent is not None and each.percent < LOW_PERCENT]
    if found:
        amount = amount_text(len(found), "device")
        yield Recommended(
            title=f"Available for less than {LOW_PERCENT:g} % of the time: {amount}",
            why=f"The worst: {_names(each.name for each in found)}.",
            remedy="Look at power and uplink first: outages at the same times have one cause.",
        )


RULES: tuple[Rule, ...] = (one_model, unheard, poor, storms, flapping, certificates, unmapped, stale)


def _of_period(facts: ReportFacts) -> list[AlertFact]:
    return [alert for alert in facts.alerts if alert.occurred_at >= facts.period.begin]


def _name(facts: ReportFacts, key: str) -> str:
    device = facts.devices.get(key)
    return device.name if device else key


def _names(names: Iterable[str]) -> str:
    """Return the first names, each once, and how many others there are."""
    distinct = list(dict.fromkeys(names))
    rest = len(distinct) - MOST_NAMED
    return ", ".join(distinct[:MOST_NAMED]) + (f" and {rest} others" if rest > 0 else "")
