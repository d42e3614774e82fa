"""Configuration of connectors of type `acme`."""

from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from opsconductor.connector.settings.duration import Duration


class AcmeConfig(BaseModel):
    """The file that lists the devices, and how often to read it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path
    """JSON file: a list of objects with `id`, `ip` and `name`."""
    interval: Duration = timedelta(minutes=5)
    """Interval between reads. Default 5m."""
