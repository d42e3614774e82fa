"""What all sections of the settings have in common."""

from pydantic import BaseModel, ConfigDict


def as_list(value: object) -> object:
    """Let a list be written as one text, entries parted by commas: that is how environments tell it."""
    if isinstance(value, str):
        return [entry.strip() for entry in value.split(",") if entry.strip()]
    return value


class Section(BaseModel):
    """A part of the settings: it never changes and refuses keys that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
