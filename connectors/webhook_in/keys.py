"""Alerts by `dedup_key`: PagerDuty's senders acknowledge and resolve by the key only.

Keys triggered since the start are cached here; older ones are found among the open alerts.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from connectors.webhook_in.fields import part, text
from connectors.webhook_in.formats.pagerduty import ACTIONS, RESOLVE, TRIGGER
from opsconductor.limits import BoundedMap
from opsconductor.model.alert import Alert

MOST_KEYS = 20_000
KEY_CHARACTERS = 32
LONGEST_KEY, LONGEST_TEXT = 255, 1_024
"""Limits of the cached texts, those of `dedup_key` and `summary` in PagerDuty's API."""
IDENTITY = ("source", "component", "group", "class", "summary")
Known = dict[str, str]


class Keys:
    """The alerts that can be identified by a key.

    Args of the constructor:
        find: Returns the open alert of this connector by the sender's id.
    """

    def __init__(self, find: Callable[[str], Alert | None]) -> None:
        self._find = find
        self._known: BoundedMap[str, Known] = BoundedMap(MOST_KEYS)

    def close(self) -> None:
        """Forget everything: the connector is removed."""
        self._known.clear()

    def complete(self, event: dict[str, Any]) -> str:
        """Add to an event the alert that it is about; return its key, generated if missing."""
        action = text(event.get("event_action")).lower()
        payload = part(event, "payload")
        event.pop("known", None)
        key = text(event.get("dedup_key"))
        if not key and action == TRIGGER:
            identity = "\0".join(text(payload.get(name)) for name in IDENTITY)
            key = event["dedup_key"] = sha256(identity.encode(errors="replace")).hexdigest()[:KEY_CHARACTERS]
        if not key or action not in ACTIONS:
            return key
        known = self._known.pop(key, None)
        if known is None and not text(payload.get("source")):
            known = self._of_open_alert(key)
        if known is not None:
            event["known"] = known
        if action != RESOLVE:
            self._remember(key, known or {}, event)
        return key

    def _remember(self, key: str, known: Known, event: dict[str, Any]) -> None:
        payload = part(event, "payload")
        alert = {
            "device": text(payload.get("source")) or known.get("device", ""),
            "alert_type": text(payload.get("class")) or known.get("alert_type", ""),
            "category": text(payload.get("class")) or known.get("category", ""),
            "severity": text(payload.get("severity")) or known.get("severity", ""),
            "title": text(payload.get("summary")) or known.get("title", ""),
        }
        if not alert["device"] or len(key) > LONGEST_KEY:
            return
        self._known[key] = {name: value[:LONGEST_TEXT] for name, value in alert.items()}

    def _of_open_alert(self, key: str) -> Known | None:
        alert = self._find(key)
        if alert is None:
            return None
        return {
            "device": alert.device_ip or alert.device_name or "",
            "alert_type": alert.alert_type,
            "category": alert.category,
            "severity": alert.severity,
            "title": alert.title,
        }
