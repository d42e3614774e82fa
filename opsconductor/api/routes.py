"""All endpoints of the API, one list."""

from opsconductor.api.auth import sessions
from opsconductor.api.configuration.credentials import CREDENTIAL_ENDPOINTS
from opsconductor.api.configuration.endpoints import CONFIGURATION_ENDPOINTS
from opsconductor.api.connectors.endpoints import CONNECTOR_ENDPOINTS
from opsconductor.api.devices.endpoints import DEVICE_ENDPOINTS
from opsconductor.api.handlers import alerts, commands
from opsconductor.api.handlers.accounts.endpoints import ACCOUNT_ENDPOINTS
from opsconductor.api.handlers.anomalies.endpoints import ANOMALY_ENDPOINTS
from opsconductor.api.handlers.asides import ASIDE_ENDPOINTS
from opsconductor.api.handlers.datasets.endpoints import DATASET_ENDPOINTS
from opsconductor.api.handlers.event_source import SOURCE_SYSTEM
from opsconductor.api.handlers.events import report_events
from opsconductor.api.handlers.inventory import INVENTORY_ENDPOINTS
from opsconductor.api.handlers.live.endpoints import LIVE_ENDPOINTS
from opsconductor.api.handlers.mapping_list import MAPPING_LIST_ENDPOINTS
from opsconductor.api.handlers.mapping_report import REPORT_ENDPOINTS
from opsconductor.api.handlers.mappings import MAPPING_ENDPOINTS
from opsconductor.api.handlers.mibs import MIB_ENDPOINTS
from opsconductor.api.handlers.notifications.dead_letters import DEAD_LETTER_ENDPOINTS
from opsconductor.api.handlers.notifications.deliveries import DELIVERY_ENDPOINTS
from opsconductor.api.handlers.notifications.maintenance import MAINTENANCE_ENDPOINTS
from opsconductor.api.handlers.notifications.previews import PREVIEW_ENDPOINTS
from opsconductor.api.handlers.notifications.rule_tests import RULE_TEST_ENDPOINTS
from opsconductor.api.handlers.notifications.rules import RULE_ENDPOINTS
from opsconductor.api.handlers.reported import JSON, ReportedEvent
from opsconductor.api.handlers.reports.endpoints import REPORT_DOCUMENT_ENDPOINTS
from opsconductor.api.handlers.saved_views import SAVED_VIEW_ENDPOINTS
from opsconductor.api.handlers.system.endpoints import SYSTEM_ENDPOINTS
from opsconductor.api.http.alert_parameters import AlertListParameters
from opsconductor.api.http.endpoint import Endpoint, Handle
from opsconductor.api.http.parameters import (
    AssignBody,
    CommandBody,
    LoginBody,
    NoteBody,
    Remark,
    SeverityBody,
    ShelveBody,
    TagsBody,
    TakeBackBody,
    WhyParameters,
)
from opsconductor.api.many.endpoints import MANY_ENDPOINTS
from opsconductor.api.series.endpoints import SERIES_ENDPOINTS
from opsconductor.api.views import (
    AlertDetail,
    AlertView,
    LoggedOutView,
    ReportedView,
    SessionView,
    WhyView,
)
from opsconductor.store.access.permissions import SIGNED_IN, Rows

ROOT = "/api/v1"
ALERTS = f"{ROOT}/alerts"
ALERT = f"{ALERTS}/{{id}}"
SESSION = f"{ROOT}/session"

LOGIN_BYTES = 4 * 1024
"""Log-in is open to all, so its body is limited to a small size."""

COMMANDS: tuple[tuple[str, Handle, type[CommandBody], str], ...] = (
    (
        "acknowledge",
        commands.acknowledge,
        Remark,
        "Acknowledge an alert; it does not notify unless it gets worse",
    ),
    ("unacknowledge", commands.unacknowledge, TakeBackBody, "Withdraw the acknowledgement of an alert"),
    ("resolve", commands.resolve, Remark, "Resolve an alert"),
    (
        "reopen",
        commands.reopen,
        TakeBackBody,
        "Reopen an alert that was closed recently; it is notified again",
    ),
    ("tags", commands.tag, TagsBody, "Add tags to an alert, and remove such tags"),
    (
        "severity",
        commands.set_severity,
        SeverityBody,
        "Set the severity of an alert in place of the device, until that is withdrawn",
    ),
    ("notes", commands.note, NoteBody, "Add a comment to the history of an alert"),
    ("shelve", commands.shelve, ShelveBody, "Mute an alert for a time, unless it gets worse"),
    (
        "unshelve",
        commands.unshelve,
        TakeBackBody,
        "Unshelve an alert; it is notified if the problem still exists",
    ),
    ("assign", commands.assign, AssignBody, "Assign an alert"),
)
"""Commands on an alert: last part of the path, handler, body and summary."""

ENDPOINTS: tuple[Endpoint, ...] = (
    *MANY_ENDPOINTS,
    Endpoint(
        method="GET",
        path=ALERTS,
        handler=alerts.list_alerts,
        summary="List alerts",
        permission="alerts:read",
        rows=Rows.OWN,
        query=AlertListParameters,
        answers=list[AlertView],
        refuses=(409,),
    ),
    *LIVE_ENDPOINTS,
    Endpoint(
        method="GET",
        path=ALERT,
        handler=alerts.get_alert,
        summary="Read one alert with history, cause and consequences",
        permission="alerts:read",
        rows=Rows.OWN,
        answers=AlertDetail,
    ),
    Endpoint(
        method="GET",
        path=f"{ALERT}/why",
        handler=alerts.explain,
        summary="Read why an alert was or was not notified; with `for`, in one sentence for a recipient",
        permission="alerts:read",
        rows=Rows.OWN,
        query=WhyParameters,
        answers=WhyView,
    ),
    *(
        Endpoint(
            method="POST",
            path=f"{ALERT}/{name}",
            handler=handler,
            summary=summary,
            permission="alerts:write",
            rows=Rows.OWN,
            records="",
            body=body,
            answers=AlertView,
            refuses=(409,),
        )
        for name, handler, body, summary in COMMANDS
    ),
    Endpoint(
        method="POST",
        path=f"{ROOT}/events",
        handler=report_events,
        summary="Report up to 1,000 events as JSON, JSON lines or CSV; answered once they are committed",
        permission="events:write",
        accepts={JSON: list[ReportedEvent] | ReportedEvent},
        answers=ReportedView,
        source_system=SOURCE_SYSTEM,
        refuses=(409,),
        tag="events",
    ),
    *ANOMALY_ENDPOINTS,
    *CONNECTOR_ENDPOINTS,
    *CONFIGURATION_ENDPOINTS,
    *CREDENTIAL_ENDPOINTS,
    *ACCOUNT_ENDPOINTS,
    *INVENTORY_ENDPOINTS,
    *DEVICE_ENDPOINTS,
    *ASIDE_ENDPOINTS,
    *DEAD_LETTER_ENDPOINTS,
    *DELIVERY_ENDPOINTS,
    *PREVIEW_ENDPOINTS,
    *MAPPING_ENDPOINTS,
    *MIB_ENDPOINTS,
    *MAPPING_LIST_ENDPOINTS,
    *RULE_ENDPOINTS,
    *MAINTENANCE_ENDPOINTS,
    *RULE_TEST_ENDPOINTS,
    *REPORT_ENDPOINTS,
    *SAVED_VIEW_ENDPOINTS,
    *DATASET_ENDPOINTS,
    *REPORT_DOCUMENT_ENDPOINTS,
    Endpoint(
        method="GET",
        path=SESSION,
        handler=sessions.who_am_i,
        summary="Read the logged-in user",
        permission=SIGNED_IN,
        answers=SessionView,
        tag="session",
    ),
    Endpoint(
        method="POST",
        path=SESSION,
        handler=sessions.log_in,
        summary="Exchange an API key for a session cookie",
        permission=None,
        body=LoginBody,
        body_bytes=LOGIN_BYTES,
        answers=SessionView,
        refuses=(403,),
        tag="session",
    ),
    Endpoint(
        method="DELETE",
        path=SESSION,
        handler=sessions.log_out,
        summary="End the session",
        permission=SIGNED_IN,
        answers=LoggedOutView,
        tag="session",
    ),
    *SYSTEM_ENDPOINTS,
    *SERIES_ENDPOINTS,
)
