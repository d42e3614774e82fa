"""The endpoints of devices and dependencies that read."""

from opsconductor.api.configuration.documents import REFUSES
from opsconductor.api.configuration.rows import EditParameters
from opsconductor.api.devices.dependencies import export_dependencies, list_dependencies
from opsconductor.api.devices.detail import get_device, list_device_alerts
from opsconductor.api.devices.graphs import get_device_graph, get_site_graph, list_downstream, list_upstream
from opsconductor.api.devices.importing import CSV, FILE_BYTES, import_dependencies
from opsconductor.api.devices.listing import list_devices, list_facets
from opsconductor.api.devices.parameters import (
    DependencyListParameters,
    DependencyPreviewBody,
    DeviceGraphParameters,
    DeviceListParameters,
    NeighbourParameters,
    SiteGraphParameters,
)
from opsconductor.api.devices.past import PastParameters, PastStateView, get_past_state
from opsconductor.api.devices.previews import preview_dependency, preview_device
from opsconductor.api.devices.views import (
    ChangePreviewView,
    DependencyImportView,
    DependencyView,
    DeviceDetail,
    DeviceView,
    FacetsView,
    FailurePreviewView,
    GraphView,
    NeighbourView,
)
from opsconductor.api.http.alert_parameters import AlertListParameters
from opsconductor.api.http.endpoint import Endpoint
from opsconductor.api.views import AlertView
from opsconductor.store.access.permissions import Rows

DEVICES = "/api/v1/devices"
DEVICE = f"{DEVICES}/{{name}}"
DEPENDENCIES = "/api/v1/dependencies"

DEVICE_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=DEVICES,
        handler=list_devices,
        rows=Rows.OWN,
        summary="List devices with the state of their open alerts",
        permission="alerts:read",
        query=DeviceListParameters,
        answers=list[DeviceView],
        refuses=(409,),
        tag="devices",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/inventory/facets",
        handler=list_facets,
        rows=Rows.OWN,
        summary="List sites, roles, types, tags and statuses of devices, with their numbers",
        permission="alerts:read",
        answers=FacetsView,
        tag="devices",
    ),
    Endpoint(
        method="GET",
        path=DEVICE,
        handler=get_device,
        rows=Rows.OWN,
        summary="Read a device, given by name, address or id",
        permission="alerts:read",
        answers=DeviceDetail,
        refuses=(404,),
        tag="devices",
    ),
    Endpoint(
        method="GET",
        path=f"{DEVICE}/alerts",
        handler=list_device_alerts,
        rows=Rows.OWN,
        summary="List the alerts of a device, open and closed ones",
        permission="alerts:read",
        query=AlertListParameters,
        answers=list[AlertView],
        refuses=(404, 409),
        tag="devices",
    ),
    Endpoint(
        method="GET",
        path=f"{DEVICE}/state",
        handler=get_past_state,
        rows=Rows.OWN,
        summary="Read the state of a device at a time: its alerts then, and the last values before",
        permission="alerts:read",
        query=PastParameters,
        answers=PastStateView,
        refuses=(404,),
        tag="devices",
    ),
    Endpoint(
        method="GET",
        path=f"{DEVICE}/upstream",
        handler=list_upstream,
        rows=Rows.OWN,
        summary="List the devices that a device needs, directly or indirectly",
        permission="alerts:read",
        query=NeighbourParameters,
        answers=list[NeighbourView],
        refuses=(404,),
        tag="devices",
    ),
    Endpoint(
        method="GET",
        path=f"{DEVICE}/downstream",
        handler=list_downstream,
        rows=Rows.OWN,
        summary="List the devices that need a device, directly or indirectly",
        permission="alerts:read",
        query=NeighbourParameters,
        answers=list[NeighbourView],
        refuses=(404,),
        tag="devices",
    ),
    Endpoint(
        method="GET",
        path=f"{DEVICE}/graph",
        handler=get_device_graph,
        rows=Rows.OWN,
        summary="Read the dependencies around a device as a graph with states",
        permission="alerts:read",
        query=DeviceGraphParameters,
        answers=GraphView,
        refuses=(404,),
        tag="devices",
    ),
    Endpoint(
        method="GET",
        path=f"{DEVICE}/failure",
        handler=preview_device,
        rows=Rows.OWN,
        summary="Find out what would be cut off and suppressed if a device failed now",
        permission="alerts:read",
        answers=FailurePreviewView,
        refuses=(404,),
        tag="devices",
    ),
    Endpoint(
        method="GET",
        path=DEPENDENCIES,
        handler=list_dependencies,
        rows=Rows.OWN,
        summary="List dependencies",
        permission="alerts:read",
        query=DependencyListParameters,
        answers=list[DependencyView],
        refuses=(409,),
        tag="devices",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/inventory/sites/{name}/graph",
        handler=get_site_graph,
        rows=Rows.OWN,
        summary="Read the dependencies of a site as a graph with states",
        permission="alerts:read",
        query=SiteGraphParameters,
        answers=GraphView,
        refuses=(404,),
        tag="devices",
    ),
    Endpoint(
        method="GET",
        path=f"{DEPENDENCIES}/export",
        handler=export_dependencies,
        summary="Export all dependencies as CSV, which an import reads",
        permission="config:read",
        media="text/csv",
        tag="devices",
    ),
    Endpoint(
        method="POST",
        path=f"{DEPENDENCIES}/import",
        handler=import_dependencies,
        summary="Create and change dependencies from a CSV file, all or none",
        permission="config:write",
        query=EditParameters,
        accepts={CSV: str},
        body_bytes=FILE_BYTES,
        answers=DependencyImportView,
        records="",
        refuses=REFUSES,
        tag="devices",
    ),
    Endpoint(
        method="POST",
        path=f"{DEPENDENCIES}/preview",
        handler=preview_dependency,
        summary="Find out what a dependency that is not saved, or its removal, would suppress now",
        permission="alerts:read",
        body=DependencyPreviewBody,
        answers=ChangePreviewView,
        records="",
        tag="devices",
    ),
)
