"""How the loss ledger is divided over time."""

from datetime import UTC, datetime

from opsconductor.app.status.daemon_facts import _over_time

EIGHT, NINE = datetime(2026, 1, 2, 8, tzinfo=UTC), datetime(2026, 1, 2, 9, tzinfo=UTC)


def test_each_connector_has_a_number_for_each_step() -> None:
    """The number received by a connector is at the place of its step; steps add up over connectors."""
    amounts = [
        (NINE, "traps", "received", 4),
        (NINE, "prtg", "received", 2),
        (NINE, "prtg", "dropped", 1),
        (EIGHT, "traps", "received", 3),
    ]
    assert _over_time(amounts) == {
        "over_time": [
            {"at": EIGHT, "received": 3, "turned_away": 0, "lost": 0},
            {"at": NINE, "received": 6, "turned_away": 0, "lost": 1},
        ],
        "received": {"traps": [3, 4], "prtg": [0, 2]},
    }
