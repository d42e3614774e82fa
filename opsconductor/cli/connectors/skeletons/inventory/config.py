"""Configuration of connectors of type `acme`."""

from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from opsconductor.connector.duration import Duration


class AcmeConfig(BaseModel):
    """Where the devices are listed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path
    """JSON file: a list of objects with `id`, `ip` and `name`."""
    interval: Duration = timedelta(minutes=5)
    """How often it is read. Default 5m."""
