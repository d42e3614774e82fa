"""Adds to Zabbix's updates who acknowledged the problem before: an update names only its own user."""

from collections.abc import Callable
from typing import Any

from connectors.webhook_in.fields import text
from connectors.webhook_in.formats.zabbix import KNOWN_TAKER, resolved
from opsconductor.model.alert import Alert


def note_takers(document: object, find: Callable[[str], Alert | None]) -> bool:
    """Complete the updates of a document; return whether there were any.

    Args:
        find: Returns the open alert of this connector by the sender's id.
    """
    events: list[Any] = document if isinstance(document, list) else [document]
    changed = False
    for event in events:
        if not isinstance(event, dict):
            continue
        changed |= event.pop(KNOWN_TAKER, None) is not None
        macros = resolved(event)
        if not text(macros.get("event_update_action")):
            continue
        alert = find(macros.get("event_id", ""))
        if alert is not None and alert.source_acknowledged_by:
            event[KNOWN_TAKER] = alert.source_acknowledged_by
            changed = True
    return changed
