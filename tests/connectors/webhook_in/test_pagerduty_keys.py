"""The memory of PagerDuty's `dedup_key`s."""

import json
from typing import Any

from connectors.webhook_in.keys import Keys


def event(action: str, key: str, **payload: str) -> dict[str, Any]:
    """Write an event."""
    return {"event_action": action, "dedup_key": key, "payload": payload}


def test_long_texts_are_remembered_shortened_and_long_keys_not_at_all() -> None:
    """Otherwise a sender could fill the memory; PagerDuty allows neither."""
    keys = Keys(lambda _: None)
    keys.complete(event("trigger", "k", source="db1", summary="s" * 1_000_000))
    keys.complete(event("trigger", "k" * 300, source="db1", summary="s"))
    resolved, unknown = event("resolve", "k"), event("resolve", "k" * 300)
    keys.complete(resolved)
    keys.complete(unknown)
    assert resolved["known"]["device"] == "db1"
    assert len(json.dumps(resolved["known"])) < 2_000
    assert "known" not in unknown
