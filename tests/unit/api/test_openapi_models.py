"""The description of the API says what rows of the configuration hold, part by part."""

from opsconductor.api.http.openapi import describe
from opsconductor.api.routes import ENDPOINTS


def test_parts_of_rows_are_described_as_they_are_sent() -> None:
    """Parts that are stored without what is empty are described with their fields, as the forms need it."""
    schemas = describe(ENDPOINTS, "0")["components"]["schemas"]
    for part, field in (("DeclaredLayer", "participants"), ("DeclaredConditions", "minimum_severity")):
        assert field in schemas[part]["properties"]
