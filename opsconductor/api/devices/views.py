"""Answers about devices and dependencies."""

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from opsconductor.api.views import AlertView, View
from opsconductor.model.enums import DependencyType, Severity, Status


class StateView(View):
    """Identity and state of a device."""

    key: str = Field(description="How alerts and dependencies refer to it: its main address, else its name.")
    name: str
    is_listed: bool = Field(description="It is in the inventory; else it is known from messages alone.")
    site: str | None = None
    role: str | None = None
    device_type: str | None = None
    severity: Severity | None = Field(description="Worst severity of its open alerts; null: there are none.")
    alert_status: Status | None = Field(
        description="`active` if one of its alerts is, else `acknowledged` if one is, else `suppressed`."
    )
    alerts: int = Field(description="Number of open alerts, without those that maintenance hides.")


class DeviceView(StateView):
    """A device in a list."""

    id: UUID | None = Field(description="Null: it is not in the inventory.")
    ip_address: str | None
    location: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    status: str | None = Field(None, description="In the inventory, as `active` or `offline`.")
    tags: list[str]
    last_heard_at: AwareDatetime | None = Field(
        description="When the last message about it came; null: none has since the daemon's start."
    )


class CoverView(View):
    """A maintenance window that covers a device."""

    id: UUID
    name: str
    reason: str
    mode: str
    since: AwareDatetime
    until: AwareDatetime | None
    is_partial: bool = Field(description="It has further conditions, on alerts: it may cover some only.")


class DeviceOriginView(View):
    """Where a device is from."""

    kind: Literal["file", "inventory", "own"] = Field(
        description="Declared in a file, found by an inventory, or made here."
    )
    file: str | None
    inventory: str | None = Field(description="The connector whose inventory has it too.")
    url: str | None
    last_synced_at: AwareDatetime | None
    created_at: AwareDatetime
    updated_at: AwareDatetime


class CutOffView(View):
    """A type of dependency in which a device is cut off by open alerts."""

    dependency_type: DependencyType
    causes: list[UUID]


class DeviceDetail(DeviceView):
    """A device with what is known about it."""

    names: list[str] = Field(description="Further names, from the DNS.")
    addresses: list[str] = Field(description="Further addresses, and SNMP engine ids.")
    custom_fields: dict[str, Any]
    open_alerts: list[AlertView] = Field(description="The most severe, 50 at most; `alerts` counts all.")
    upstream: int = Field(description="Number of dependencies of this device.")
    downstream: int = Field(description="Number of dependencies of others on it.")
    dependents: int = Field(description="Number of devices that need it, directly or indirectly.")
    cut_off: list[CutOffView]
    maintenance: list[CoverView] = Field(description="Windows that are active and cover it.")
    origin: DeviceOriginView | None = Field(
        description="Null: it is not in the inventory, or the database is away."
    )


class FacetsView(View):
    """Values by which devices can be filtered, with the number of devices of each."""

    site: dict[str, int]
    role: dict[str, int]
    status: dict[str, int]
    device_type: dict[str, int]
    tag: dict[str, int]


class EdgeView(View):
    """A dependency between two devices."""

    device: str = Field(description="Key of the device that needs the other.")
    depends_on: str = Field(description="Key of the device that is needed.")
    dependency_type: DependencyType
    via_resources: list[str]
    confidence: float
    missing_since: AwareDatetime | None
    is_sure: bool = Field(description="It can suppress; else it is an alternative path alone.")
    is_redundant: bool = Field(description="The device has another certain path of this type.")


class NeighbourView(StateView):
    """A device upstream or downstream of another one."""

    depth: int = Field(description="Distance; 1: a direct dependency.")
    edges: list[EdgeView] = Field(description="Dependencies over which it is reached first.")


class GraphNodeView(StateView):
    """A device in a graph."""

    depth: int = Field(description="Distance from the device asked for; below zero: upstream. In a site 0.")
    is_cut_off: bool = Field(description="Open alerts elsewhere cut every path of a type that it needs.")
    hidden_upstream: int = Field(description="Dependencies of it that are not in this graph.")
    hidden_downstream: int = Field(description="Dependencies of others on it that are not in this graph.")


class GraphEdgeView(EdgeView):
    """A dependency in a graph."""

    is_cut: bool = Field(description="Open alerts on the device that is needed cut it.")


class GraphView(View):
    """A part of the dependency graph; an edge leads from the device that needs to the one it needs."""

    nodes: list[GraphNodeView]
    edges: list[GraphEdgeView]


class DependencyView(EdgeView):
    """A dependency as it is declared."""

    id: UUID | None = Field(description="Null: the database is away, or it has just been removed.")
    device_name: str
    depends_on_name: str
    description: str | None
    kind: Literal["file", "inventory", "own"] | None = Field(
        description="Declared in a file, found by an inventory, or made here; null: as `id`."
    )
    file: str | None
    created_by: str | None


class PreviewDeviceView(StateView):
    """A device that would be cut off."""

    dependency_types: list[DependencyType] = Field(description="Types whose paths would all be cut.")


class FailurePreviewView(View):
    """What would follow if a device failed entirely now."""

    devices: int = Field(description="Number of devices that would be cut off.")
    cut_off: list[PreviewDeviceView] = Field(description="The first 200 of them, nearest first.")
    alerts: int = Field(description="Number of open alerts that would be suppressed.")
    suppressed: list[AlertView] = Field(description="The first 50 of them, most severe first.")


class ChangePreviewView(View):
    """What would follow if a dependency were declared, changed or removed now."""

    affected: int = Field(description="Number of devices at and behind the device.")
    exists: bool = Field(description="The dependency is there; it would be changed or removed.")
    remarks: list[str] = Field(description="What to look at before saving.")
    alerts_suppressed: int = Field(description="Number of open alerts that would be suppressed.")
    suppressed: list[AlertView] = Field(description="The first 50 of them.")
    alerts_released: int = Field(description="Number of open alerts that would no longer be suppressed.")
    released: list[AlertView] = Field(description="The first 50 of them.")
    devices_cut_off: int = Field(
        description="Number of devices that a failure of the needed device alone would then cut off, and "
        "does not as things are."
    )
    cut_off: list[StateView] = Field(description="The first 200 of them.")
    devices_freed: int = Field(description="Number of devices that it would then no longer cut off.")
    freed: list[StateView] = Field(description="The first 200 of them.")


class DependencyImportView(View):
    """What an import of dependencies has done, or would do."""

    is_applied: bool = Field(description="False: it was only tried.")
    rows: int
    added: int
    changed: int
    unchanged: int = Field(description="They are there as the file has them.")
    taken_over: int = Field(description="Found by an inventory until now; own ones from then on.")
    remarks: list[str] = Field(description="Probable mistakes.")
    is_in_force: bool
    error: str = Field(description="Why it is stored but not in force; empty: it is in force.")
