"""Attempts with passwords are limited by name and by address; no user is locked out by others."""

from opsconductor.api.auth.login_throttle import (
    ALLOWED_OF_ADDRESS,
    ALLOWED_OF_NAME,
    ALLOWED_OF_PAIR,
    WINDOW_S,
    LoginThrottle,
)

HERE, THERE = "192.0.2.1", "198.51.100.1"


def test_ten_wrong_passwords_of_a_name_wait_at_this_address_only() -> None:
    """The eleventh waits for the rest of five minutes, in whatever case the name is written."""
    limits = LoginThrottle()
    for number in range(ALLOWED_OF_PAIR):
        assert limits.wait(HERE, "anna", number) == 0
        limits.failed(HERE, "anna", number)
    assert limits.wait(HERE, "ANNA", 20) == WINDOW_S - 20
    assert limits.wait(THERE, "anna", 20) == 0
    assert limits.wait(HERE, "bo", 20) == 0
    assert limits.wait(HERE, "anna", WINDOW_S) == 0


def test_many_addresses_cannot_try_one_name() -> None:
    """After fifty failures from all addresses the name is blocked, but not where its user logs in."""
    limits = LoginThrottle()
    limits.succeeded(HERE, "anna")
    for number in range(ALLOWED_OF_NAME):
        limits.failed(f"203.0.113.{number}", "anna", 0)
    assert limits.wait(THERE, "anna", 1) == WINDOW_S - 1
    assert limits.wait(HERE, "anna", 1) == 0


def test_one_address_cannot_try_many_names() -> None:
    """After a hundred failures the address is blocked, but not for users who log in from there."""
    limits = LoginThrottle()
    limits.succeeded("2001:db8::1", "anna")
    for number in range(ALLOWED_OF_ADDRESS):
        limits.failed(f"2001:db8::{number:x}", f"user{number}", 0)
    assert limits.wait("2001:db8::ffff", "bo", 1) == WINDOW_S - 1
    assert limits.wait("2001:db8::2", "anna", 1) == 0


def test_a_success_forgets_the_failures_of_the_pair() -> None:
    """After nine mistakes and a success a user has all attempts again."""
    limits = LoginThrottle()
    for _ in range(ALLOWED_OF_PAIR - 1):
        limits.failed(HERE, "anna", 0)
    limits.succeeded(HERE, "anna")
    limits.failed(HERE, "anna", 1)
    assert limits.wait(HERE, "anna", 1) == 0
