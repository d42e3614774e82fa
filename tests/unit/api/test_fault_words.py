"""Messages of the faults of a request: what was found where, and what was expected there."""

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from opsconductor.api.http.validation import faults_of


class Chosen(BaseModel):
    """A part of a body."""

    model_config = ConfigDict(extra="forbid")
    site: str = ""
    tag: list[str] = []


class Body(BaseModel):
    """A body with a part, and with a list of parts."""

    model_config = ConfigDict(extra="forbid")
    ids: list[int] = []
    filter: Chosen | None = None
    several: list[Chosen] = Field(default=[], alias="parts")


@pytest.mark.parametrize(
    ("body", "name", "expected"),
    [
        ('{"filter": {"sitte": 1}}', "filter.sitte", "one of site, tag (did you mean site?)"),
        ('{"parts": [{"x": 1}]}', "parts.0.x", "one of site, tag"),
        ('{"several": []}', "several", "one of ids, filter, parts"),
        ("{", "body", "JSON: EOF while parsing an object at line 1 column 1"),
    ],
)
def test_an_unknown_name_is_answered_with_the_names_at_its_place(body: str, name: str, expected: str) -> None:
    """The message lists the names of that place only; invalid JSON is named by its position."""
    with pytest.raises(ValidationError) as caught:
        Body.model_validate_json(body)
    (fault,) = faults_of(caught.value, Body)
    assert (fault["name"], fault["expected"]) == (name, expected)
