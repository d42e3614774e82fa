"""Topics with placeholders, filled so that no text of a device adds a level.

Source:
    MQTT 5.0 section 4.7 (topic names and filters), 4.7.2 (topics that begin with `$`).
"""

import re
from collections.abc import Mapping

from opsconductor.connector.outgoing.appearance import device_of, fact, shown_severity
from opsconductor.model.notifications.notification import Notification
from opsconductor.model.text import one_line

LONGEST_TOPIC = 1_000
LONGEST_LEVEL = 100
NOTHING = "none"
"""What an unknown value becomes: a level must not be empty by chance."""
FACTS = ("device_ip", "site", "category", "alert_type", "priority", "source_system")
PLACEHOLDERS = frozenset({*FACTS, "device", "severity", "kind", "rule", "alert"})
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
FORBIDDEN = re.compile(r"[/+#\0\s$]+")


def check_topic(topic: str) -> None:
    """Raise ValueError if a text cannot be a topic to publish to."""
    unknown = sorted({name for name in PLACEHOLDER.findall(topic) if name not in PLACEHOLDERS})
    if unknown:
        known = ", ".join(sorted(PLACEHOLDERS))
        raise ValueError(f"unknown placeholder {{{unknown[0][:40]}}}; there are {known}")
    rest = PLACEHOLDER.sub("x", topic)
    if not rest or len(rest) > LONGEST_TOPIC or not rest.isprintable() or {*rest} & {*"+#{}"}:
        raise ValueError("a topic such as noc/{site}/{severity}: no wildcards, at most 1,000 characters")
    if rest.startswith("$"):
        raise ValueError("topics that begin with $ belong to the broker")


def topic_of(template: str, notification: Notification) -> str:
    """Return the topic of a notification."""
    values = values_of(notification)
    return PLACEHOLDER.sub(lambda match: level_of(values[match[1]]), template)


def values_of(notification: Notification) -> Mapping[str, str]:
    """Return the value of every placeholder."""
    return {
        **{name: fact(notification, name) for name in FACTS},
        "device": device_of(notification),
        "severity": shown_severity(notification),
        "kind": notification.kind.value,
        "rule": notification.rule_name,
        "alert": str(notification.alert_id),
    }


def level_of(value: str) -> str:
    """Return a value as one level of a topic."""
    return FORBIDDEN.sub("_", one_line(value, LONGEST_LEVEL)) or NOTHING
