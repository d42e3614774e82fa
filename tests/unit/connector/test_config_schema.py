"""JSON schemas of configurations, as forms are made of them."""

from typing import Any

import pytest
from pydantic import BaseModel, Field, SecretStr, create_model

from connectors import CHANNELS, INVENTORIES, SOURCES
from opsconductor.app.connectors.catalogue import known_type, known_types
from opsconductor.connector.config_schema import config_schema, field_docstrings
from opsconductor.connector.settings.address import ListenAddress


class Sign(BaseModel):
    """A way to sign."""

    key: SecretStr | None = None
    """Key of the signature."""


class Base(BaseModel):
    """Fields that configurations share."""

    timeout: int = 10
    """Seconds for one
    attempt."""


class Example(Base):
    """A configuration."""

    url: str = Field(repr=False)
    """URL of the receiver."""
    headers: dict[str, SecretStr] = Field(default_factory=dict)
    signs: tuple[Sign, ...] = ()
    stated: str = Field(default="", description="Stated here.")
    """Not stated here."""


def test_secrets_are_marked_and_docstrings_are_descriptions() -> None:
    """In lists, in mappings, and excluded from `repr`; those of base classes too."""
    schema = config_schema(Example)
    fields: dict[str, Any] = schema["properties"]
    assert fields["timeout"]["description"] == "Seconds for one attempt."
    assert fields["stated"]["description"] == "Stated here."
    assert (fields["url"]["writeOnly"], fields["url"]["format"]) == (True, "password")
    assert fields["headers"]["additionalProperties"]["writeOnly"] is True
    assert "writeOnly" not in fields["headers"]
    key = schema["$defs"]["Sign"]["properties"]["key"]
    assert (key["writeOnly"], key["description"]) == (True, "Key of the signature.")
    assert {"writeOnly": True, "format": "password", "type": "string"} in key["anyOf"]


class Listening(BaseModel):
    """A configuration with a default whose type is written as text."""

    listen: tuple[ListenAddress, ...] = (ListenAddress("127.0.0.1", 1162),)


def test_defaults_are_written_as_in_files() -> None:
    """Also those within lists: a form or a person can copy them."""
    fields: dict[str, Any] = config_schema(Listening)["properties"]
    assert fields["listen"]["default"] == ["127.0.0.1:1162"]


def test_without_source_files_there_are_no_descriptions() -> None:
    """As where only compiled files are installed."""
    assert field_docstrings(create_model("Made", timeout=(int, 1))) == {}


@pytest.mark.parametrize("name", [*SOURCES, *CHANNELS, *INVENTORIES])
def test_every_type_can_be_shown_as_a_form(name: str) -> None:
    """It has a summary, a sample, a schema, and every field is described."""
    known = known_type(name)
    assert known is not None
    assert (known.name, known.error) == (name, "")
    listed = next(each for each in known_types() if each.name == name)
    assert (listed.role, listed.summary) == (known.role, known.summary)
    assert known.summary.endswith((".", ":"))
    assert f"type: {name}" in known.sample
    fields: dict[str, Any] = known.schema["properties"]
    assert [field for field, about in fields.items() if not about.get("description")] == []
