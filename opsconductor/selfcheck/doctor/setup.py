"""Findings on configuration that is valid, but probably not intended; pure."""

from collections.abc import Iterable, Sequence
from ipaddress import ip_address

from connectors.snmp_trap.config import SnmpTrapConfig
from opsconductor.app.mappings.linting import PlacedFinding
from opsconductor.config.provision.rows import ConnectorTypes, ProvisionTable, Row
from opsconductor.config.provision.workable import DeclaredNames, items_of, reach_faults, remarks
from opsconductor.config.settings import ApiSettings, Settings
from opsconductor.config.together import unmet_settings
from opsconductor.mib.lint.finding import LintLevel
from opsconductor.model.notifications.rule import NotificationRule
from opsconductor.model.people.directory import NO_DIRECTORY, PeopleDirectory
from opsconductor.selfcheck.doctor.finding import DoctorFinding, bad, ok, warning
from opsconductor.store.configuration import ConnectorRow
from opsconductor.store.diagnosis import GivenUp, Overdue, Unmapped

WELL_KNOWN = ("public", "private", "*")
AREA, LOG_IN = "configuration", "log-in"
MOST_FAULTS = 20
MOST_REMARKS = 5


def judge_setup(
    api: ApiSettings,
    connectors: Sequence[ConnectorRow],
    rules: Sequence[NotificationRule],
    channels: Iterable[str],
    directory: PeopleDirectory = NO_DIRECTORY,
) -> list[DoctorFinding]:
    """Return findings on settings, connectors and rules.

    Args:
        channels: The channel types.
        directory: Its channels are used, too.
    """
    enabled = {row.name: row for row in connectors if row.enabled}
    channel_names = {name for name, row in enabled.items() if row.type in set(channels)}
    findings = [
        *_api(api),
        *_rules(rules, channel_names, _channels_of(directory)),
    ]
    return findings or [ok(AREA, "no findings")]


def judge_settings(settings: Settings) -> list[DoctorFinding]:
    """Return findings on settings that need another one."""
    return [
        (bad if each.is_bad else warning)(
            LOG_IN if each.text.startswith("accounts.") else AREA, each.text, each.remedy
        )
        for each in unmet_settings(settings)
    ]


def judge_faults(faults: Sequence[str]) -> list[DoctorFinding]:
    """Return findings on why the declared configuration is not in force."""
    remedy = "correct it, then: opsconductor reload"
    findings = [bad(AREA, fault, remedy) for fault in faults[:MOST_FAULTS]]
    if rest := len(faults) - len(findings):
        findings.append(bad(AREA, f"{rest} more faults in provisioning files", "opsconductor check-config"))
    return findings


def judge_workable(
    rows: Sequence[tuple[ProvisionTable, Row]], installed: ConnectorTypes
) -> list[DoctorFinding]:
    """Return findings on unworkable configuration in the database; beyond a limit they are summarized."""
    items = items_of(rows)
    faults = [str(fault) for fault in reach_faults(items, installed, DeclaredNames())]
    findings = [
        bad(AREA, fault, "correct the file that declares it, then: opsconductor reload") for fault in faults
    ]
    found = remarks(items, DeclaredNames())
    findings += [warning(AREA, each, "correct it where it is declared") for each in found[:MOST_REMARKS]]
    if rest := len(found[MOST_REMARKS:]):
        findings.append(warning(AREA, f"{rest} more of this kind", "opsconductor apply --dry-run FILE"))
    return findings


def judge_mappings(found: Sequence[PlacedFinding]) -> list[DoctorFinding]:
    """Return findings on mappings that cannot do what they are meant for; what may be meant is left out."""
    errors = [each for each in found if each.level is LintLevel.ERROR]
    findings = [warning(AREA, str(each), "correct it where it is declared") for each in errors[:MOST_REMARKS]]
    if rest := len(errors) - len(findings):
        findings.append(warning(AREA, f"{rest} more mappings that cannot work", "opsconductor mappings lint"))
    return findings


def judge_communities(name: str, config: SnmpTrapConfig) -> list[DoctorFinding]:
    """Return the finding on the access control of a trap connector; only well-known communities are named."""
    known = [each for each in WELL_KNOWN if each in {one.get_secret_value() for one in config.communities}]
    if not known or config.networks:
        return []
    text = f"{name} accepts well-known communities: {' or '.join(map(repr, known))}"
    return [warning(AREA, text, "configure communities of your own, or networks, or SNMPv3 users")]


def judge_unmapped(unmapped: Sequence[Unmapped]) -> list[DoctorFinding]:
    """Return the finding on unmapped traps."""
    if not unmapped:
        return []
    shown = ", ".join(f"{each.oid} ({each.amount:,}x from {_devices(each.devices)})" for each in unmapped)
    return [
        warning(
            AREA,
            f"traps without a mapping, most frequent in 7 days: {shown}",
            "opsconductor mappings report proposes a mapping, or names the MIB that is missing",
        )
    ]


def judge_delivery(given_up: Iterable[GivenUp], overdue: Iterable[Overdue]) -> list[DoctorFinding]:
    """Return findings on channels that do not deliver."""
    return [
        *(
            warning(
                "channels",
                f"{each.channel}: {each.amount} notifications given up in 24 hours, the latest: {each.error}",
                f"correct recipients or channel; test: opsconductor connectors check {each.channel}; "
                "notification_log lists what was not sent",
            )
            for each in given_up
        ),
        *(
            bad(
                "channels",
                f"{each.channel}: {each.amount} notifications wait, the oldest since "
                f"{each.oldest_at:%Y-%m-%d %H:%M:%S} UTC",
                "repair the channel: they are then sent automatically",
            )
            for each in overdue
        ),
    ]


def _api(api: ApiSettings) -> Iterable[DoctorFinding]:
    try:
        is_local = ip_address(api.listen.host).is_loopback
    except ValueError:
        is_local = api.listen.host == "localhost"
    if not is_local and api.tls_certificate is None:
        yield warning(
            AREA,
            f"the API listens on {api.listen} without TLS: keys and sessions can be read on the way",
            "set api.tls_certificate, or api.listen to 127.0.0.1:8080 with a reverse proxy with TLS in front",
        )


def _channels_of(directory: PeopleDirectory) -> set[str]:
    """Return the channels of contact methods and of steps of policies."""
    methods = {method.channel for person in directory.people.values() for method in person.methods}
    steps = [step for policy in directory.policies.values() for step in policy.steps]
    return methods | {each.channel for step in steps for each in step.channels}


def _rules(
    rules: Iterable[NotificationRule], channels: set[str], of_people: set[str]
) -> Iterable[DoctorFinding]:
    enabled = [rule for rule in rules if rule.enabled]
    if not enabled:
        yield warning(
            AREA, "no alert is notified: there is no notification rule", "declare notification_rules"
        )
    for rule in enabled:
        if rule.fault:
            yield bad(AREA, f"rule {rule.name} never fires: {rule.fault}", "declare it anew with apply")
    named = {target.channel for rule in enabled for target in rule.channels}
    for name in sorted(named - channels):
        users = ", ".join(
            rule.name for rule in enabled if any(target.channel == name for target in rule.channels)
        )
        yield bad(
            AREA,
            f"rule {users} names the channel {name}, which does not exist or is disabled",
            "declare it, or change the rule",
        )
    for name in sorted(channels - named - of_people):
        yield warning(AREA, f"no rule uses the channel {name}", "use it in a rule, or remove it")


def _devices(amount: int) -> str:
    return f"{amount} device{'' if amount == 1 else 's'}"
