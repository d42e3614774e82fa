"""Codes of authenticator apps, by the test values of RFC 6238."""

import pytest

from opsconductor.api.auth.totp import (
    RECOVERY_CODES,
    code_at,
    matching_step,
    new_recovery_codes,
    new_secret,
    normalized,
    text_of,
    uri_of,
)

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("at_s", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(at_s: int, code: str) -> None:
    """Appendix B, SHA-1, the last six of eight digits."""
    assert code_at(SECRET, at_s // 30) == code
    assert matching_step(SECRET, code, at_s) == at_s // 30


def test_a_code_is_accepted_half_a_minute_early_or_late() -> None:
    """Clocks differ and people type slowly; a code that is a minute off is refused."""
    code = code_at(SECRET, 100)
    accepted = [step for step in range(95, 106) if matching_step(SECRET, code, step * 30) == 100]
    assert accepted == [99, 100, 101]
    assert matching_step(SECRET, "", 3000) is None
    assert matching_step(SECRET, "é" * 6, 3000) is None


def test_secrets_and_recovery_codes_are_random_and_typeable() -> None:
    """An app imports the address; spaces and capitals in a code are ignored."""
    assert len(text_of(new_secret())) == 32
    assert uri_of(SECRET, "anna").startswith("otpauth://totp/OpsConductor:anna?")
    codes = new_recovery_codes()
    assert len(set(codes)) == RECOVERY_CODES
    assert normalized(f" {codes[0].upper()} ") == codes[0]
