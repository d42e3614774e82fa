"""How faults show the values they found."""

import pytest

from opsconductor.config.faults import shown


@pytest.mark.parametrize(
    "found", ["https://user:5ecret@host/", "user:5ecret@host", f"x://u:5ecret{'x' * 99}@h"]
)
def test_credentials_in_an_address_are_not_shown(found: str) -> None:
    """Not even where a long one is cut: faults are in logs and terminals."""
    assert "5ecret" not in shown(found)
    assert "***@h" in shown(found)


@pytest.mark.parametrize("found", ["anna@example.org", "[::1]:8080", "https://host/a"])
def test_other_addresses_are_shown_as_they_are(found: str) -> None:
    """The wrong part must be visible."""
    assert shown(found) == f'"{found}"'
