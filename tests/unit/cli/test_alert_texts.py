"""What the command line prints about alerts and devices: sums of all, no Python, what suppresses nothing."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from rich.console import Console, RenderableType

from opsconductor.cli.alerts.deciding import groups_of
from opsconductor.cli.alerts.text import story_of
from opsconductor.cli.devices.text import graph_of

NOW = datetime.now(UTC).isoformat()


def printed(what: RenderableType) -> str:
    """Return what stands on the terminal."""
    console = Console(width=200, markup=False, highlight=False)
    with console.capture() as captured:
        console.print(what)
    return captured.get()


def an_alert(**fields: object) -> dict[str, Any]:
    """Return an alert as the API shows it, by some of its fields."""
    view = {"id": str(uuid4()), "severity": "major", "status": "active", "device_name": "core-1"}
    facts = {"title": "Down", "impacted": 0, "occurrence_count": 1, "occurred_at": NOW, "muted_by": None}
    links: Mapping[str, Any] = {"cause": None, "root": None, "history": [], "varbinds": []}
    return {**view, **facts, **links, **fields}


def test_related_counts_all_consequences() -> None:
    """The API lists the worst 50 of them; the sum is that of all."""
    few = [an_alert() for _ in range(2)]
    text = printed(
        groups_of({"cause": None, "root": None, "consequences": few, "impacted": 120, "earlier": []})
    )
    assert "consequences: 120\n" in text
    assert "120 alerts, 118 not shown" in text
    assert "earlier: none" in text


def test_the_device_of_an_alert_is_shown_in_words() -> None:
    """Names and values, without those that are empty, instead of a dictionary of Python."""
    device = {"role": "core", "model": None, "tags": [], "dependents": 40}
    text = printed(story_of(an_alert(device=device, is_hidden=False)))
    assert re.search(r"^device +role core, dependents 40 *$", text, re.MULTILINE)
    assert "False" not in text


def test_a_graph_marks_dependencies_that_suppress_nothing() -> None:
    """One below the floor of confidence, and one that its inventory no longer lists."""
    node = {"severity": None, "alert_status": None, "alerts": {}, "is_cut_off": False}
    nodes = [{"key": key, "name": key, **node} for key in ("core", "unsure", "missing", "sure")]
    kind = {"depends_on": "core", "dependency_type": "power", "confidence": 0.4, "missing_since": None}
    edges = [
        {**kind, "device": "unsure", "dependency_type": "network", "is_sure": False, "is_cut": True},
        {**kind, "device": "missing", "missing_since": NOW, "is_sure": False, "is_cut": False},
        {**kind, "device": "sure", "is_sure": True, "is_cut": True},
    ]
    lines = [line.rstrip() for line in printed(graph_of({"nodes": nodes, "edges": edges}, 0)).splitlines()]
    assert lines[1:] == [
        "  unsure (alternative: confidence 0.4)   cut",
        "  missing (power, alternative: missing)",
        "  sure (power)   cut",
    ]
