"""What all sections of the settings have in common."""

import json

from pydantic import BaseModel, ConfigDict


def as_list(value: object) -> object:
    """Let a list be written as one text, parted by commas or as JSON: so it stands in environments."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except ValueError:
            raise ValueError('a list such as ["one", "two"], or one,two') from None
    if isinstance(value, str):
        return [entry.strip() for entry in value.split(",") if entry.strip()]
    return value


class Section(BaseModel):
    """A part of the settings: it never changes and refuses keys that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
