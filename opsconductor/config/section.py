"""Base of all sections of the settings."""

import json

from pydantic import BaseModel, ConfigDict


def as_list(value: object) -> object:
    """Accept a list as one text, comma-separated or JSON, as environment variables have it."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except ValueError:
            raise ValueError('a list such as ["one", "two"], or one,two') from None
    if isinstance(value, str):
        return [entry.strip() for entry in value.split(",") if entry.strip()]
    return value


class Section(BaseModel):
    """Section of the settings: immutable; unknown keys are faults."""

    model_config = ConfigDict(extra="forbid", frozen=True)
