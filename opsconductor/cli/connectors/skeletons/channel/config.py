"""Configuration of connectors of type `acme`."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class AcmeConfig(BaseModel):
    """Where notifications are written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path
    """File to which they are appended; its folder must exist."""
