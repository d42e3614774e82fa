"""Amounts in bodies of the API: what a schema calls an integer is accepted, everything else is refused."""

import pytest
from pydantic import ValidationError

from opsconductor.api.http.parameters import AcceptBody


def test_whole_numbers_are_taken_in_both_forms() -> None:
    """`4.0` is accepted as an integer, as in a JSON Schema."""
    body = AcceptBody.model_validate({"connector": "netbox", "devices": 131071.0, "dependencies": 4})
    assert (body.devices, body.dependencies) == (131071, 4)
    assert isinstance(body.devices, int)


@pytest.mark.parametrize("amount", [1.5, "4", True, -1, float("inf"), float("nan"), None])
def test_an_invalid_amount_is_refused(amount: object) -> None:
    """Fractions, texts, booleans and negative numbers are refused."""
    with pytest.raises(ValidationError):
        AcceptBody.model_validate({"connector": "netbox", "devices": amount, "dependencies": 4})
