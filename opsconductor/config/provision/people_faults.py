"""Faults of people, teams, schedules and policies: names that do not exist, and rules that reach no one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from opsconductor.config.provision.rows import ConnectorTypes, Item, ProvisionTable, Row
from opsconductor.config.provision.workable import DeclaredNames, wrong_recipient
from opsconductor.config.provision.yaml_reading import KeyPath
from opsconductor.connector.connector_type import ChannelType
from opsconductor.connector.settings.duration import parse_duration
from opsconductor.errors import Fault
from opsconductor.model.people.target import TargetKind

TABLES: Mapping[str, ProvisionTable] = {
    TargetKind.PERSON: ProvisionTable.PEOPLE,
    TargetKind.TEAM: ProvisionTable.TEAMS,
    TargetKind.SCHEDULE: ProvisionTable.SCHEDULES,
    TargetKind.ESCALATION: ProvisionTable.ESCALATION_POLICIES,
}
"""Table by key of a target."""
Rows = Mapping[ProvisionTable, Mapping[str, Row]]


class KnownNames(NamedTuple):
    """Rows by table and name.

    Attributes:
        is_whole: Those of the database are among them; else a name that is not known may be there.
    """

    rows: Rows
    installed: ConnectorTypes
    is_whole: bool

    def lacks(self, table: ProvisionTable, name: str) -> bool:
        """Return True if there is no row of a name."""
        return self.is_whole and name not in self.rows[table]

    def names(self, table: ProvisionTable) -> str:
        """Return the known names of a table, for messages."""
        return ", ".join(sorted(self.rows[table])) or "none is declared"


def people_faults(
    items: Sequence[Item], installed: ConnectorTypes, known: DeclaredNames, *, is_whole: bool
) -> Iterator[Fault]:
    """Return the faults of declared people, and of the targets of rules.

    Args:
        is_whole: The known rows are all of the database; else only files are checked.
    """
    rows = {table: {row["name"]: row for row in known.of(table, items)} for table in _CHECKED}
    everything = KnownNames(rows, installed, is_whole)
    for item in items:
        match item.table:
            case ProvisionTable.PEOPLE:
                yield from _methods(item, everything)
                yield from _alike(item, everything)
            case ProvisionTable.TEAMS:
                yield from _persons(item, ("members",), item.row["members"], everything)
            case ProvisionTable.SCHEDULES:
                yield from _layers(item, everything)
            case ProvisionTable.ESCALATION_POLICIES:
                yield from _policy(item, everything)
            case ProvisionTable.NOTIFICATION_RULES:
                yield from _targets(item, ("channels",), item.row["channels"], everything)
                yield from _unreachable_rule(item, everything)


_CHECKED = (ProvisionTable.CONNECTORS, *TABLES.values())


def _methods(item: Item, known: KnownNames) -> Iterator[Fault]:
    for index, method in enumerate(item.row["contact_methods"]):
        at = (*item.at, "contact_methods", index)
        recipients = [method["recipient"]] if method.get("recipient") else []
        yield from _channel(item, at, method["channel"], recipients, "recipient", known)
        if other := method.get("failover"):
            addresses = [other["recipient"]] if other.get("recipient") else []
            yield from _channel(item, (*at, "failover"), other["channel"], addresses, "recipient", known)
            if other["channel"] == method["channel"]:
                expected = "another channel than the one that fails"
                yield item.document.fault((*at, "failover", "channel"), f'"{other["channel"]}"', expected)
        if method.get("priority_through") and not method.get("quiet_hours"):
            expected = "quiet_hours beside it, through which alerts of this priority go"
            yield item.document.fault((*at, "priority_through"), f'"{method["priority_through"]}"', expected)


def _alike(item: Item, known: KnownNames) -> Iterator[Fault]:
    """Return a fault for a name that differs from another one by capital letters alone."""
    name = item.row["name"]
    for other in known.rows[ProvisionTable.PEOPLE]:
        if other != name and other.lower() == name.lower():
            expected = f"a name that differs from {other} by more than capital letters"
            yield item.fault("name", f'"{name}"', expected)


def _channel(
    item: Item, at: KeyPath, name: str, recipients: Sequence[str], key: str, known: KnownNames
) -> Iterator[Fault]:
    connector = known.rows[ProvisionTable.CONNECTORS].get(name)
    if connector is None:
        if known.is_whole:
            yield item.document.fault((*at, "channel"), f'"{name}"', _channels(known))
        return
    kind = known.installed.known.get(connector["type"])
    if kind is not None and not isinstance(kind, ChannelType):
        found = f'"{name}", a connector of type {connector["type"]}'
        yield item.document.fault((*at, "channel"), found, _channels(known))
    elif isinstance(kind, ChannelType) and kind.check_recipient is not None:
        if not recipients and wrong_recipient(kind, ""):
            expected = f"an address for {name}: channels of type {kind.name} need one"
            yield item.document.fault((*at, key), "nothing", expected)
        for recipient in recipients:
            if wrong := wrong_recipient(kind, recipient):
                yield item.document.fault((*at, key), f'"{recipient}"', wrong)


def _channels(known: KnownNames) -> str:
    connectors = known.rows[ProvisionTable.CONNECTORS]
    names = sorted(name for name, row in connectors.items() if row["type"] in known.installed.channels)
    return f"a connector that sends notifications (a channel): {', '.join(names) or 'none is declared'}"


def _persons(item: Item, at: KeyPath, names: Sequence[str], known: KnownNames) -> Iterator[Fault]:
    for index, name in enumerate(names):
        if known.lacks(ProvisionTable.PEOPLE, name):
            expected = f"a person: {known.names(ProvisionTable.PEOPLE)}"
            yield item.document.fault((*item.at, *at, index), f'"{name}"', expected)


def _layers(item: Item, known: KnownNames) -> Iterator[Fault]:
    names = [layer["name"] for layer in item.row["layers"]]
    for index, layer in enumerate(item.row["layers"]):
        yield from _persons(item, ("layers", index, "participants"), layer["participants"], known)
        if layer["name"] in names[:index]:
            at = (*item.at, "layers", index, "name")
            yield item.document.fault(at, f'"{layer["name"]}" again', "another name for each layer")


def _policy(item: Item, known: KnownNames) -> Iterator[Fault]:
    for index, step in enumerate(item.row["steps"]):
        at: KeyPath = ("steps", index, "notify")
        yield from _targets(item, at, step["notify"], known)
        for number, target in enumerate(step["notify"]):
            if "channel" in target:
                place = (*item.at, *at, number)
                recipients = target.get("recipients", ())
                yield from _channel(item, place, target["channel"], recipients, "recipients", known)
                if other := target.get("failover"):
                    at_other, addresses = (*place, "failover"), other.get("recipients", ())
                    yield from _channel(item, at_other, other["channel"], addresses, "recipients", known)
    repeat, repeat_after = item.row["repeat"], item.row["repeat_after"]
    if repeat and not repeat_after:
        expected = "repeat_after beside it: the time from the begin of the steps to their next begin"
        yield item.fault("repeat", str(repeat), expected)
    if repeat_after:
        last = item.row["steps"][-1].get("after", "0s")
        if not repeat:
            yield item.fault("repeat_after", f'"{repeat_after}"', "repeat beside it: how often")
        elif parse_duration(repeat_after) <= parse_duration(last):
            expected = f"more than {last}, which is when the last step is due"
            yield item.fault("repeat_after", f'"{repeat_after}"', expected)


def _targets(item: Item, at: KeyPath, targets: Sequence[Row], known: KnownNames) -> Iterator[Fault]:
    for index, target in enumerate(targets):
        for key, table in TABLES.items():
            if key in target and known.lacks(table, target[key]):
                expected = f"one of {table}: {known.names(table)}"
                yield item.document.fault((*item.at, *at, index, key), f'"{target[key]}"', expected)


def _unreachable_rule(item: Item, known: KnownNames) -> Iterator[Fault]:
    """Yield a fault for an enabled rule whose targets have no person who can ever be reached."""
    targets = item.row["channels"]
    if (
        not known.is_whole
        or not item.row["enabled"]
        or any(_has_channel(each, known.rows) for each in targets)
    ):
        return
    named = {name for target in targets for name in _named(target, known.rows)}
    people = known.rows[ProvisionTable.PEOPLE]
    if not any(_is_reachable(people.get(name, {})) for name in named):
        who = ", ".join(sorted(named)) or "no person"
        expected = "a person who is enabled and has contact_methods, or a channel beside"
        yield item.document.fault((*item.at, "channels"), f"targets that stand for {who}", expected)


def _has_channel(target: Row, rows: Rows) -> bool:
    """Return True if a target is a connector, or a policy with one among its steps."""
    policy = rows[ProvisionTable.ESCALATION_POLICIES].get(target.get(TargetKind.ESCALATION, ""), {})
    named = (each for step in policy.get("steps", ()) for each in step["notify"])
    return "channel" in target or "type" in target or any("channel" in each for each in named)


def _is_reachable(person: Row) -> bool:
    return bool(person.get("enabled") and person.get("contact_methods"))


def _named(target: Row, rows: Rows) -> Iterator[str]:
    """Yield the persons whom a target can stand for."""
    for key, table in TABLES.items():
        row = rows[table].get(target.get(key, ""), {})
        if key == TargetKind.PERSON and key in target:
            yield target[key]
        yield from row.get("members", ())
        for layer in row.get("layers", ()):
            yield from layer["participants"]
        for step in row.get("steps", ()):
            for each in step["notify"]:
                yield from _named(each, rows)
