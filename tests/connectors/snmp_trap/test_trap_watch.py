"""Kernel drops and refusals: always counted, logged once."""

import logging
from collections import Counter
from pathlib import Path

import pytest

from connectors.snmp_trap.config import SnmpTrapConfig
from connectors.snmp_trap.receiving.drops import QUIET_POLLS, DropWatch, SeenDrops
from connectors.snmp_trap.receiving.rejection_log import MAX_NOTES, PERIOD_S, RefusalNotes
from connectors.snmp_trap.sender import AccessList, Forwarders
from opsconductor.connector.context import Count
from opsconductor.connector.rejection_words import words_of


class Meter:
    """A stand-in for a port whose kernel counter the test sets."""

    def __init__(self, *, is_ours: bool = True, dropped: int = 0) -> None:
        self.name = "0.0.0.0:162"
        self.cookie = 4711
        self.is_ours = is_ours
        self.dropped = dropped

    def drops(self) -> int:
        """Return the counter."""
        return self.dropped


def counter(counts: Counter[tuple[str, str]]) -> Count:
    """Make a loss ledger that adds to a dictionary."""

    def count(stage: str, reason: str = "", amount: int = 1) -> None:
        counts[stage, reason] += amount

    return count


def test_loss_is_reported_when_it_begins_and_when_it_is_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One warning at the first drop, one line with the sum after 30 quiet seconds; every drop counts."""
    caplog.set_level(logging.INFO)
    counts: Counter[tuple[str, str]] = Counter()
    meter = Meter()
    watch = DropWatch("traps", [meter], counter(counts), seen=SeenDrops(tmp_path / "drops.json"))
    for dropped in (0, 10, 10, 25):
        meter.dropped = dropped
        watch.look()
    for _ in range(QUIET_POLLS * 2):
        watch.look()
    assert counts == {("kernel_drop", ""): 25}
    assert [(record.levelname, record.__dict__["amount"]) for record in caplog.records] == [
        ("WARNING", 10),
        ("INFO", 25),
    ]


def test_the_counter_of_the_kernel_wraps(tmp_path: Path) -> None:
    """The kernel counts in 32 bits."""
    counts: Counter[tuple[str, str]] = Counter()
    meter = Meter(is_ours=False, dropped=2**32 - 2)
    watch = DropWatch("traps", [meter], counter(counts), seen=SeenDrops(tmp_path / "drops.json"))
    watch.first_look()
    meter.dropped = 3
    watch.look()
    assert counts == {("kernel_drop", "before_start"): 2**32 - 2, ("kernel_drop", ""): 5}


@pytest.mark.parametrize(("cookie", "counted"), [(4711, 0), (4712, 7)])
def test_drops_are_not_counted_again_after_a_restart(tmp_path: Path, cookie: int, counted: int) -> None:
    """A socket of systemd keeps its counter over restarts; another socket begins anew."""
    first = SeenDrops(tmp_path / "snmp" / "drops.json")
    meter = Meter(is_ours=False, dropped=7)
    DropWatch("traps", [meter], counter(Counter()), seen=first).last_look()
    meter.cookie = cookie
    counts: Counter[tuple[str, str]] = Counter()
    second = SeenDrops(tmp_path / "snmp" / "drops.json")
    second.load([meter])
    DropWatch("traps", [meter], counter(counts), seen=second).first_look()
    assert counts.total() == counted


def test_a_broken_file_of_drops_knows_nothing(tmp_path: Path) -> None:
    """Whatever its content, counting goes on."""
    file = tmp_path / "drops.json"
    for text in ("", "[1]", '{"4711": "x"}', "\x80"):
        file.write_text(text, encoding="latin-1")
        seen = SeenDrops(file)
        seen.load([Meter()])
        assert seen.grow_to(Meter(), 3) == 3


def test_a_refusal_is_reported_once_an_hour(caplog: pytest.LogCaptureFixture) -> None:
    """The same sender and reason is logged once an hour, with the remedy."""
    notes = RefusalNotes("traps")
    for now_s in (PERIOD_S, PERIOD_S + 1, PERIOD_S + 2):
        notes.note("community", "192.0.2.1", now_s, words_of("community"))
    notes.note("community", "192.0.2.1", 2 * PERIOD_S, words_of("community"))
    assert len(caplog.records) == 2
    assert "communities" in caplog.records[0].__dict__["remedy"]


def test_strangers_cannot_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """However many addresses are invented, the lines of an hour are bounded."""
    notes = RefusalNotes("traps")
    for number in range(1000):
        notes.note("network", f"192.0.2.{number}", PERIOD_S, words_of("network"))
    assert len(caplog.records) == MAX_NOTES


ADDRESSES = {
    "10.1.2.3": "10.1.2.3",
    "::ffff:10.1.2.3": "10.1.2.3",
    "11.1.2.3": None,
    "2001:db8::1": "2001:db8::1",
    "fe80::1%eth0": "fe80::1",
    "::1": None,
}


@pytest.mark.parametrize("host", ADDRESSES)
def test_networks_take_addresses_in_any_dress(host: str) -> None:
    """IPv4 inside IPv6 and link-local with interface are the addresses that people know."""
    config = SnmpTrapConfig.model_validate({"networks": ["10.0.0.0/8", "2001:db8::/32", "fe80::/10"]})
    access = AccessList(config)
    assert [access.peer(host), access.peer(host)] == [ADDRESSES[host]] * 2


def test_forwarders() -> None:
    """No address is trusted unless listed."""
    config = SnmpTrapConfig.model_validate({"trusted_forwarders": ["10.0.0.5/32"]})
    trusted = Forwarders(config.trusted_forwarders)
    assert [trusted(address) for address in ("10.0.0.5", "10.0.0.6", "10.0.0.5")] == [True, False, True]
    assert not Forwarders(())("10.0.0.5")
