"""Matching of faults that cut what depends on their device: by name, title and labels."""

import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase

from connectors.webhook_in.config import CuttingMatcher, FormatName, WebhookInConfig
from connectors.webhook_in.report import SourceReport
from connectors.webhook_in.words import EDGES, slug
from opsconductor.limits import BoundedMap

LONGEST_TITLE = 255
MOST_NAMES = 1_000
"""Names of faults whose matchers are cached."""
NOT_IN_A_NAME = re.compile(r"[^a-z0-9*?]+")

DOWN = tuple(
    CuttingMatcher(name=name)
    for what in ("host", "node", "device", "switch", "router", "network")
    for state in ("down", "unreachable")
    for name in (f"{what}_{state}", f"*_{what}_{state}")
)
"""Usual names of rules for an unreachable device."""
PROBED = tuple(
    CuttingMatcher(name=name, labels={label: pattern})
    for name in ("*probe_fail*", "*ping_fail*", "*icmp*fail*")
    for label in ("job", "module")
    for pattern in ("*icmp*", "*ping*")
)
"""ICMP probes of the blackbox exporter; its HTTP probes are no evidence about the host."""
NO_PING = (CuttingMatcher(title="*unavailable by icmp ping*"),)
"""Zabbix's own templates."""

DEFAULTS: Mapping[FormatName, Sequence[CuttingMatcher]] = {
    FormatName.ALERTMANAGER: (*DOWN, *PROBED),
    FormatName.GRAFANA: (*DOWN, *PROBED),
    FormatName.ZABBIX: (*DOWN, *NO_PING),
    FormatName.PAGERDUTY: (*DOWN, *NO_PING),
    FormatName.CLOUDEVENTS: DOWN,
    FormatName.JSON: DOWN,
    FormatName.LIBRENMS: (
        CuttingMatcher(name="device_down"),
        CuttingMatcher(name="device_down_due_to_no_icmp*"),
        CuttingMatcher(name="device_unreachable*"),
    ),
    FormatName.UPTIMEKUMA: (CuttingMatcher(name="ping_down"),),
}
"""Faults that cut unless `cutting` is set."""


def cuts_by(config: WebhookInConfig) -> Callable[[SourceReport], bool]:
    """Compile the matchers of a connector."""
    matchers = DEFAULTS[config.format] if config.cutting is None else config.cutting
    patterns = [(None if each.name is None else _name_pattern(each.name), each) for each in matchers]
    of_names: BoundedMap[str, Sequence[CuttingMatcher]] = BoundedMap(MOST_NAMES)

    def cuts(report: SourceReport) -> bool:
        if report.is_test:
            return False
        name = slug(report.what)
        named = of_names.get(name)
        if named is None:
            named = [each for pattern, each in patterns if pattern is None or fnmatchcase(name, pattern)]
            of_names[name] = named
        return any(_matches(matcher, report) for matcher in named)

    return cuts


def _name_pattern(name: str) -> str:
    """Return a pattern in the form of names: `HostDown*` becomes `host_down*`."""
    return NOT_IN_A_NAME.sub("_", EDGES.sub("_", name).lower()).strip("_")


def _matches(matcher: CuttingMatcher, report: SourceReport) -> bool:
    if matcher.title is not None and not fnmatchcase(
        report.title[:LONGEST_TITLE].lower(), matcher.title.lower()
    ):
        return False
    if not matcher.labels:
        return True
    labels = dict(tag.partition("=")[::2] for tag in report.tags)
    return all(
        name in labels and fnmatchcase(labels[name].lower(), pattern.lower())
        for name, pattern in matcher.labels.items()
    )
