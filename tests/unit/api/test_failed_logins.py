"""How many failed log-ins are processed, and how many are logged."""

import pytest

from opsconductor.api.auth.attempts import (
    ALLOWED,
    ALLOWED_FROM_ADDRESS,
    GOOD_REMEMBERED,
    REMEMBERED,
    WINDOW_S,
    FailedAttempts,
    network_of,
)
from opsconductor.api.auth.authenticator import public_part
from opsconductor.api.auth.failures import MOST_A_PERIOD, PERIOD_S, FailureNotes
from opsconductor.api.auth.failures import REMEMBERED as NOTED


def guessed(attempts: FailedAttempts, amount: int, address: str = "192.0.2.1", at_s: float = 0) -> None:
    """Fail with a new key each time."""
    for number in range(amount):
        attempts.add(address, f"ops_{number:08x}_guess", at_s)


def test_many_new_keys_from_one_address_take_turns() -> None:
    """After 300 failures in a minute the keys of an address are checked in turn until the minute is over."""
    attempts = FailedAttempts()
    guessed(attempts, ALLOWED_FROM_ADDRESS - 1)
    assert attempts.delay("192.0.2.1", "ops_ffffffff_x", 1) == 0
    guessed(attempts, 1)
    assert attempts.delay("192.0.2.1", "ops_ffffffff_x", 1) == WINDOW_S - 1
    assert attempts.wait("192.0.2.1", "ops_ffffffff_x", 1) == 0
    assert attempts.delay("192.0.2.2", "ops_ffffffff_x", 1) == 0
    assert attempts.delay("192.0.2.1", "ops_ffffffff_x", WINDOW_S) == 0


def test_only_the_credential_that_was_wrong_is_refused() -> None:
    """Wrong secrets with the public beginning of a key do not block the right key."""
    attempts = FailedAttempts()
    for _ in range(ALLOWED):
        attempts.add("192.0.2.1", "ops_0badcafe_wrong", 0)
    assert attempts.wait("192.0.2.1", "ops_0badcafe_wrong", 1) == WINDOW_S - 1
    assert attempts.wait("192.0.2.1", "ops_0badcafe_right", 1) == 0
    assert attempts.wait("192.0.2.2", "ops_0badcafe_wrong", 1) == 0


def test_a_good_key_is_not_delayed_while_its_proxy_is_abused() -> None:
    """A key accepted lately is not delayed at an address where keys are guessed, until it fails itself."""
    attempts = FailedAttempts()
    attempts.good("ops_0badcafe_good")
    guessed(attempts, 10 * ALLOWED_FROM_ADDRESS)
    assert attempts.delay("192.0.2.1", "ops_0badcafe_good", 1) == 0
    assert attempts.delay("192.0.2.1", "ops_0badcafe_bad!", 1) > 0
    attempts.add("192.0.2.1", "ops_0badcafe_good", 1)
    assert attempts.delay("192.0.2.1", "ops_0badcafe_good", 1) > 0


def test_a_network_of_ipv6_counts_as_one_address() -> None:
    """One host may use any address of its /64 and gains nothing by it."""
    attempts = FailedAttempts()
    for number in range(ALLOWED_FROM_ADDRESS):
        attempts.add(f"2001:db8::{number:x}", f"ops_{number:08x}_x", 0)
    assert attempts.delay("2001:db8::ffff:1", "ops_ffffffff_x", 1) > 0
    assert attempts.delay("2001:db8:0:1::1", "ops_ffffffff_x", 1) == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1:2:3:4", "2001:db8::"),
        ("fe80::1%eth0", "fe80::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
        ("/run/socket", "/run/socket"),
    ],
)
def test_networks_are_named(address: str, network: str) -> None:
    """IPv4 unchanged, IPv6 by its /64; text that is no address is used unchanged."""
    assert network_of(address) == network


def test_memory_of_failures_is_bounded() -> None:
    """The memory for addresses and keys, good or bad, is bounded."""
    attempts, notes = FailedAttempts(), FailureNotes()
    for number in range(REMEMBERED + 10):
        address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        attempts.add(address, "x", 0)
        attempts.good(f"{number}")
        notes.due(address, 0)
    assert len(attempts._addresses) == len(attempts._failures) == REMEMBERED
    assert len(attempts._good) == GOOD_REMEMBERED
    assert len(notes._known) == NOTED


def test_failures_of_an_address_are_logged_once_a_minute_with_their_number() -> None:
    """The first is logged at once, the next thousand as one number a minute later."""
    notes = FailureNotes()
    assert notes.due("192.0.2.1", 1000.0) == 1
    assert {notes.due("192.0.2.1", 1000.5) for _ in range(1000)} == {0}
    assert notes.due("192.0.2.1", 1000.0 + PERIOD_S) == 1001


def test_many_addresses_cannot_fill_the_log() -> None:
    """However many addresses fail, the log has a bounded number of lines in a minute."""
    notes = FailureNotes()
    logged = [notes.due(f"10.0.{number >> 8}.{number & 255}", 1000.0) for number in range(500)]
    assert sum(logged) == MOST_A_PERIOD
    assert notes.due("10.9.9.9", 1000.0 + PERIOD_S) == 1


@pytest.mark.parametrize(
    ("credential", "part"),
    [
        ("ops_0badcafe_" + "0" * 64, "ops_0badcafe"),
        ("ops_0badcafe", ""),
        ("a password that somebody pasted", ""),
        ("", ""),
    ],
)
def test_only_the_public_part_of_a_key_is_reported(credential: str, part: str) -> None:
    """Text without the form of a key may be a secret, and nothing of it is kept."""
    assert public_part(credential) == part
