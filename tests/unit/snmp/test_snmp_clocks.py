"""Clocks of SNMP engines: the time window of RFC 3414 3.2, and our own engine's file."""

import json
import logging
from pathlib import Path

import pytest

from opsconductor.snmp.security.engine import MAX_BOOTS, LocalEngine, new_engine_id, start_engine
from opsconductor.snmp.security.time_window import CLOCK_FAULTS, RemoteClocks, admit_to

ENGINE = b"engine"
STEPS = {
    "the same again": [(1, 1000, 0, True), (1, 1000, 1, True)],
    "a little late": [(1, 1000, 0, True), (1, 851, 0, True)],
    "too late": [(1, 1000, 0, True), (1, 849, 0, False)],
    "too late because time has passed": [(1, 1000, 0, True), (1, 1000, 149, True), (1, 1000, 151, False)],
    "a clock that runs ahead moves the window": [(1, 1000, 0, True), (1, 9000, 1, True), (1, 1001, 1, False)],
    "a restart": [(1, 1000, 0, True), (2, 3, 1, True), (1, 1001, 1, False)],
    "an old message does not set the clock back": [(1, 1000, 0, True), (1, 900, 0, True), (1, 851, 0, True)],
    "boots at their end": [(MAX_BOOTS, 1000, 0, False)],
}


@pytest.mark.parametrize("case", STEPS)
def test_the_window_of_a_sender(case: str) -> None:
    """Each message is (boots, engine time, our clock) and is in the time window or not."""
    clocks = RemoteClocks()
    for boots, time_s, now_s, is_present in STEPS[case]:
        assert (clocks.admit(ENGINE, boots, time_s, now_s=float(now_s)) == "") is is_present


def test_the_longest_silent_engine_is_forgotten_first() -> None:
    """Memory is bounded; an engine that sends again counts as recent."""
    clocks = RemoteClocks(limit=2)
    for engine_id in (b"one", b"two", b"one", b"three"):
        assert not clocks.admit(engine_id, 5, 1000, now_s=0.0)
    assert len(clocks) == 2
    assert clocks.admit(b"one", 4, 1, now_s=0.0) == "boots_went_back"
    assert not clocks.admit(b"two", 4, 1, now_s=0.0)


def test_two_senders_of_one_engine_id_have_separate_clocks() -> None:
    """Cloned devices do not block each other; old messages of one of them stay refused."""
    clocks = RemoteClocks()
    assert not clocks.admit(ENGINE, 12, 900_000, peer="192.0.2.1", now_s=0.0)
    assert not clocks.admit(ENGINE, 3, 5_000, peer="192.0.2.2", now_s=0.0)
    assert not clocks.admit(ENGINE, 12, 900_001, peer="192.0.2.1", now_s=1.0)
    assert clocks.admit(ENGINE, 3, 5_000, peer="192.0.2.1", now_s=1.0) == "boots_went_back"


@pytest.mark.parametrize(
    ("first", "then", "fault"),
    [
        ((0, 0), (0, 0, 151), "zero"),
        ((3, 1000), (3, 1000, 151), "stands_still"),
        ((1, 50_000), (1, 20, 10), "boots_not_counted"),
        ((7, 50_000), (1, 20, 10), "boots_went_back"),
        ((MAX_BOOTS, 5), (MAX_BOOTS, 6, 1), "boots_at_end"),
    ],
)
def test_an_implausible_clock_is_reported_with_its_fault(
    first: tuple[int, int], then: tuple[int, int, int], fault: str
) -> None:
    """Each way in which devices have a wrong clock has its own message and remedy."""
    clocks = RemoteClocks()
    clocks.admit(ENGINE, *first, now_s=0.0)
    boots, time_s, now_s = then
    assert clocks.admit(ENGINE, boots, time_s, now_s=float(now_s)) == fault
    assert "time_window: relaxed" in CLOCK_FAULTS[fault].remedy


@pytest.mark.parametrize(
    ("boots", "time_s", "is_present"),
    [(3, 100, True), (3, 250, True), (3, 251, False), (2, 100, False), (4, 100, False)],
)
def test_our_own_window(boots: int, time_s: int, *, is_present: bool) -> None:
    """Messages to us must have our boots and a time within 150 seconds of ours, to both sides."""
    engine = LocalEngine(engine_id=ENGINE, boots=3, started_s=10.0)
    assert admit_to(engine, boots, time_s, now_s=110.5) is is_present


def test_an_engine_id_as_the_standard_wants_it() -> None:
    """High bit, enterprise, format `octets`, random; twelve bytes, which every device accepts."""
    first, second = new_engine_id(), new_engine_id()
    assert first[:5].hex() == "80007ed905"
    assert len(first) == 12
    assert first != second


def test_each_start_counts(tmp_path: Path) -> None:
    """The ID stays, boots grow by one, and time begins anew."""
    path = tmp_path / "snmp" / "traps.json"
    first, second = start_engine(path, 0.0), start_engine(path, 100.0)
    assert first.engine_id == second.engine_id
    assert (first.boots, second.boots) == (1, 2)
    assert second.time_s(107.9) == 7
    assert [each.name for each in path.parent.iterdir()] == ["traps.json"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '{"engine_id": "zz", "boots": 1}',
        '{"engine_id": "80", "boots": 1}',
        '{"boots": 1}',
    ],
)
def test_a_broken_file_is_put_aside(tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture) -> None:
    """An unreadable file does not stop the listener; it is kept and reported."""
    path = tmp_path / "traps.json"
    path.write_text(content)
    engine = start_engine(path, 0.0)
    assert engine.boots == 1
    assert path.with_suffix(".broken").read_text() == content
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_boots_at_their_end_give_a_new_engine(tmp_path: Path) -> None:
    """After 2**31 - 1 starts the ID is used up (RFC 3414 2.2.2)."""
    path = tmp_path / "traps.json"
    path.write_text(json.dumps({"engine_id": "80007ed90501020304050607", "boots": MAX_BOOTS}))
    engine = start_engine(path, 0.0)
    assert engine.boots == 1
    assert engine.engine_id.hex() != "80007ed90501020304050607"
