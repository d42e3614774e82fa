"""Configuration of values that are recorded as series, shared by sources."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from opsconductor.connector.settings.shape import Shape
from opsconductor.model.measured.measurement import SeriesKind

METRIC = Shape(
    "^[a-z][a-z0-9_]{0,99}$",
    "the name of a metric such as battery_temperature: small letters, digits and _, first a letter",
)
MetricName = Annotated[str, METRIC]


class Recorded(BaseModel):
    """The series that a value is recorded in, with the device and the resource of the value."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    metric: MetricName
    """What is measured: lower-case words joined by `_`, without the unit, such as `battery_temperature`."""

    unit: str = Field(default="", max_length=20)
    """Unit as shown to people: `%`, `°C`, `V`, `s`, `B`, `bit/s`. Empty (default): a plain number."""

    kind: SeriesKind = SeriesKind.GAUGE
    """`gauge` (default): the value itself; `counter`: a count since some start, whose rate matters."""
