"""Parameters and bodies of devices and dependencies."""

from typing import Annotated, Literal

from pydantic import Field

from opsconductor.api.http.alert_parameters import MOST_VALUES, Place, YesOrNo
from opsconductor.api.http.parameters import CURSOR, SOME_TEXT, Number, Parameters, Text
from opsconductor.inventory.dependency_index import WalkDirection
from opsconductor.inventory.device_index import WantedDevices, terms_of
from opsconductor.model.enums import DependencyType, Severity

PER_PAGE, MOST_PER_PAGE = 50, 200
LONGEST_CURSOR = 2_000
MOST_NODES = 500
DEEPEST = 100
MOST_RESOURCES = 100

DeviceName = Annotated[str, Field(max_length=255), SOME_TEXT]
Cursor = Annotated[
    str,
    Field(
        max_length=LONGEST_CURSOR,
        description="`next_cursor` of the page before, with the same filters and order.",
    ),
    CURSOR,
]


class DeviceListParameters(Parameters):
    """Filters, order and page of a list of devices.

    Repeat a parameter, or separate values by commas, to match any of them.
    """

    search: Text = Field(
        "", description="Terms between spaces, each of which must be part of a name or an address."
    )
    site: tuple[Place, ...] = Field((), max_length=MOST_VALUES, description="Site.")
    role: tuple[Place, ...] = Field((), max_length=MOST_VALUES, description="Role.")
    status: tuple[Place, ...] = Field(
        (), max_length=MOST_VALUES, description="Status in the inventory, as `active` or `offline`."
    )
    device_type: tuple[Place, ...] = Field((), max_length=MOST_VALUES, description="Type.")
    tag: tuple[Place, ...] = Field((), max_length=MOST_VALUES, description="One of the device's tags.")
    severity: tuple[Severity, ...] = Field(
        (), max_length=MOST_VALUES, description="Worst severity of its open alerts."
    )
    alerting: YesOrNo = Field(None, description="Whether it has open alerts.")
    sort: Literal["name", "severity"] = Field(
        "name", description="By name, or the worst severity first, then the most alerts."
    )
    per_page: Number = Field(PER_PAGE, ge=1, le=MOST_PER_PAGE)
    cursor: Cursor = ""

    @property
    def wanted(self) -> WantedDevices:
        """The conditions that the inventory decides."""
        return WantedDevices(
            terms=terms_of(self.search),
            site=self.site,
            role=self.role,
            status=self.status,
            device_type=self.device_type,
            tag=self.tag,
        )

    @property
    def needs_states(self) -> bool:
        """Whether the states of all devices decide about the list."""
        return self.sort == "severity" or bool(self.severity) or self.alerting is not None


class NeighbourParameters(Parameters):
    """How far to look from a device."""

    depth: Number = Field(1, ge=1, le=DEEPEST, description="Greatest distance; 1: direct dependencies.")
    limit: Number = Field(MOST_NODES, ge=1, le=5_000, description="Maximum number of devices, nearest first.")


class SiteGraphParameters(Parameters):
    """How many devices of a site to draw."""

    limit: Number = Field(MOST_NODES, ge=1, le=MOST_NODES, description="Maximum number of devices.")


class DeviceGraphParameters(Parameters):
    """Where to look from the device, and how many devices."""

    direction: Literal["both", "upstream", "downstream"] = "both"
    depth: Number = Field(DEEPEST, ge=1, le=DEEPEST, description="Greatest distance, in each direction.")
    limit: Number = Field(MOST_NODES, ge=1, le=MOST_NODES, description="Maximum number of devices.")

    @property
    def directions(self) -> tuple[WalkDirection, ...]:
        """Where to look from the device."""
        return tuple(WalkDirection) if self.direction == "both" else (WalkDirection(self.direction),)


class DependencyListParameters(Parameters):
    """Filters and page of a list of dependencies."""

    device: Text = Field("", description="Name or address of the device that needs the other.")
    depends_on: Text = Field("", description="Name or address of the device that is needed.")
    type: tuple[DependencyType, ...] = Field((), max_length=MOST_VALUES, description="Type.")
    site: tuple[Place, ...] = Field(
        (), max_length=MOST_VALUES, description="Site of the device that needs the other."
    )
    missing: YesOrNo = Field(None, description="Whether its inventory no longer lists it.")
    per_page: Number = Field(PER_PAGE, ge=1, le=MOST_PER_PAGE)
    cursor: Cursor = ""


class DependencyPreviewBody(Parameters):
    """A dependency that is not saved, or the removal of one that is."""

    device_ip: DeviceName = Field(description="Name or address of the device that needs the other.")
    depends_on_ip: DeviceName = Field(description="Name or address of the device that is needed.")
    dependency_type: DependencyType = DependencyType.NETWORK
    via_resources: tuple[Annotated[str, Field(max_length=255), SOME_TEXT], ...] = Field(
        (), max_length=MOST_RESOURCES, description="Resources of the other device that carry it."
    )
    confidence: float = Field(1.0, ge=0, le=1, strict=True)
    remove: bool = Field(default=False, strict=True, description="What if this dependency were removed?")
