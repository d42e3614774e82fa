"""The ledger checks its sums and records gaps."""

from collections import Counter

from opsconductor import metrics
from opsconductor.ledger.ledger import Key, Ledger, outcome_of
from opsconductor.metrics import ReadCounter


def gap_entries(ledger: Ledger) -> list[tuple[str, int]]:
    """List the gaps in the minutes."""
    return [
        (key.reason, amount)
        for page in ledger.minutes.pages()
        for key, amount in page.amounts.items()
        if key.stage == "gap"
    ]


def test_messages_on_their_way_are_no_gap() -> None:
    """Messages held by a source and waiting in the intake are accounted for."""
    ledger = Ledger(lambda: 0.0)
    ledger.count("traps", "received", amount=10)
    ledger.count("traps", "taken", amount=7)
    levels = {Key("traps", "held"): 3, Key("traps", "waiting"): 7}
    assert ledger.check(levels) == []
    assert [gap.missing for gap in ledger.check({})] == [3, 7]


def test_a_gap_is_noted_once_in_its_minute_and_taken_back() -> None:
    """Only growth is written; a sum that adds up again is written as well."""
    now_s = 0.0
    ledger = Ledger(lambda: now_s)
    ledger.count("gappy", "taken", amount=4)
    ledger.check({})
    ledger.check({})
    assert gap_entries(ledger) == [("taken", 4)]
    assert metrics.ledger_gap.labels("gappy", "taken")._value.get() == 4
    now_s = 60.0
    ledger.count("gappy", "failed", "ValueError", amount=4)
    assert ledger.check({}) == []
    assert gap_entries(ledger) == [("taken", 4), ("taken", -4)]
    assert metrics.ledger_gap.labels("gappy", "taken")._value.get() == 0


def test_totals_are_shown_as_a_metric_whenever_metrics_are_read() -> None:
    """With the labels of each count, and as they are at that moment."""
    ledger = Ledger(lambda: 0.0)
    shown = ReadCounter("shown", "Of this test", ["connector", "stage", "reason"], registry=None)
    shown.show(ledger.entries)
    ledger.count("traps", "received", amount=2)
    ledger.count("traps", "refused", "community")
    ledger.count("traps", "received")
    (family,) = shown.collect()
    assert {(sample.name, *sample.labels.values(), sample.value) for sample in family.samples} == {
        ("shown_total", "traps", "received", "", 3),
        ("shown_total", "traps", "refused", "community", 1),
    }


def test_counts_are_sums_over_reasons() -> None:
    """The total of a stage is that of all its reasons, for one connector."""
    ledger = Ledger()
    count = ledger.counter_of("traps")
    count("refused", "community")
    count("refused", "network", 2)
    ledger.count("others", "refused", "network", 5)
    assert ledger.total("traps", "refused") == 3


def test_levels_are_in_their_minute() -> None:
    """The minute has the amount under way at its end, zero included."""
    ledger = Ledger(lambda: 0.0)
    ledger.count("traps", "taken", amount=2)
    ledger.check({Key("traps", "waiting"): 2})
    assert ledger.minutes.pages()[0].amounts[Key("traps", "waiting")] == 2
    ledger.count("traps", "failed", amount=2)
    ledger.check({})
    assert ledger.minutes.pages()[0].amounts[Key("traps", "waiting")] == 0


def test_outcome_counts_a_batch_where_its_changes_are() -> None:
    """Every connector's alerts are folded, and have the state of the batch."""
    handled = Counter({Key("a", "normalized"): 3, Key("a", "reported"): 4, Key("b", "reported"): 1})
    outcome = outcome_of(handled, 5, "spooled")
    assert outcome[Key("a", "folded")] == outcome[Key("a", "spooled")] == 4
    assert outcome[Key("b", "folded")] == outcome[Key("b", "spooled")] == 1
    assert outcome[Key("a", "normalized")] == 3


def test_outcome_shows_what_the_engine_has_not_folded() -> None:
    """The difference is assigned to the connector with the most reports, so that the ledger shows a gap."""
    handled = Counter({Key("a", "reported"): 4, Key("b", "reported"): 1})
    outcome = outcome_of(handled, 3, "committed")
    assert outcome[Key("a", "folded")] == 2
    assert outcome[Key("b", "folded")] == 1
    ledger = Ledger()
    ledger.add(outcome)
    assert [(gap.connector, gap.equation, gap.missing) for gap in ledger.check({})] == [("a", "reported", 2)]
