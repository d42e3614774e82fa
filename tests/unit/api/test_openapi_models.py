"""The description of the API describes rows of the configuration part by part."""

from dataclasses import replace

from opsconductor.api.http.openapi import describe
from opsconductor.api.http.parameters import Parameters
from opsconductor.api.routes import ENDPOINTS


class NeedsText(Parameters):
    """Parameters of an endpoint."""

    text: str
    limit: int = 3


def test_required_query_parameters_are_marked() -> None:
    """As in the models that validate: of every endpoint, and of one that has such a parameter."""
    made = replace(ENDPOINTS[0], path="/api/v1/made-up", method="GET", body=None, query=NeedsText)
    paths = describe([*ENDPOINTS, made], "0")["paths"]
    marked = set()
    for each in [*ENDPOINTS, made]:
        shown = paths[each.path][each.method.lower()]["parameters"]
        required = {name for name, field in each.query.model_fields.items() if field.is_required()}
        found = {one["name"] for one in shown if one["in"] == "query" and one["required"]}
        assert len(found) == len(required), each.path
        marked |= found
    assert "text" in marked


def test_parts_of_rows_are_described_as_they_are_sent() -> None:
    """Parts that are stored without empty fields are described with all fields, as the forms need them."""
    schemas = describe(ENDPOINTS, "0")["components"]["schemas"]
    for part, field in (("DeclaredLayer", "participants"), ("DeclaredConditions", "minimum_severity")):
        assert field in schemas[part]["properties"]
