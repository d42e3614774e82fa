"""Endpoints about many alerts at once."""

from opsconductor.api.handlers.alerts import summarize
from opsconductor.api.http.alert_parameters import AlertFilterParameters, ExportParameters
from opsconductor.api.http.endpoint import Endpoint, Handle
from opsconductor.api.many import bulk
from opsconductor.api.many.bulk import (
    BulkAssignBody,
    BulkBody,
    BulkNoteBody,
    BulkSeverityBody,
    BulkShelveBody,
    BulkTagsBody,
    BulkTakeBackBody,
    BulkView,
)
from opsconductor.api.many.export import MEDIA, export
from opsconductor.api.many.overview import OverviewParameters, OverviewView, overview
from opsconductor.api.many.related import RelatedView, related
from opsconductor.api.many.suggestions import SuggestionParameters, SuggestionView, suggest
from opsconductor.api.many.sums import StatsView, summarize_by
from opsconductor.api.views import SummaryView
from opsconductor.store.access.permissions import Rows

ALERTS = "/api/v1/alerts"

BULK: tuple[tuple[str, Handle, type[BulkBody], str], ...] = (
    ("acknowledge", bulk.acknowledge_many, BulkBody, "Acknowledge alerts by their ids or a filter"),
    (
        "unacknowledge",
        bulk.unacknowledge_many,
        BulkTakeBackBody,
        "Withdraw the acknowledgements of alerts by their ids or a filter",
    ),
    ("resolve", bulk.resolve_many, BulkBody, "Resolve alerts by their ids or a filter"),
    ("reopen", bulk.reopen_many, BulkTakeBackBody, "Reopen alerts that were closed recently, by their ids"),
    ("tags", bulk.tag_many, BulkTagsBody, "Add tags to alerts by their ids or a filter, and remove such"),
    (
        "severity",
        bulk.rate_many,
        BulkSeverityBody,
        "Set the severity of alerts in place of their devices, by their ids or a filter",
    ),
    ("notes", bulk.note_many, BulkNoteBody, "Add a comment to alerts by their ids or a filter"),
    ("shelve", bulk.shelve_many, BulkShelveBody, "Shelve alerts by their ids or a filter"),
    ("unshelve", bulk.unshelve_many, BulkTakeBackBody, "Take alerts from the shelf by their ids or a filter"),
    ("assign", bulk.assign_many, BulkAssignBody, "Assign alerts by their ids or a filter"),
)
"""Bulk commands: last part of the path, handler, body and summary."""

MANY_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=f"{ALERTS}/summary",
        handler=summarize,
        summary="Count open alerts by status and severity",
        permission="alerts:read",
        rows=Rows.OWN,
        answers=SummaryView,
    ),
    Endpoint(
        method="GET",
        path=f"{ALERTS}/stats",
        handler=summarize_by,
        summary="Count alerts by severity, category, status, priority, site and device; by default open ones",
        permission="alerts:read",
        rows=Rows.OWN,
        query=AlertFilterParameters,
        answers=StatsView,
    ),
    Endpoint(
        method="GET",
        path=f"{ALERTS}/suggestions",
        handler=suggest,
        summary="Suggest values of filters that contain a text: devices, sites, roles, alert types, tags ...",
        permission="alerts:read",
        rows=Rows.OWN,
        query=SuggestionParameters,
        answers=list[SuggestionView],
    ),
    Endpoint(
        method="GET",
        path=f"{ALERTS}/overview",
        handler=overview,
        rows=Rows.OWN,
        summary="Read how many alerts there were, of what, how long they took, and what suppression saved",
        permission="alerts:read",
        query=OverviewParameters,
        answers=OverviewView,
    ),
    Endpoint(
        method="GET",
        path=f"{ALERTS}/export",
        handler=export,
        summary="Export all matching alerts as CSV or JSON lines, the newest first",
        permission="alerts:read",
        rows=Rows.OWN,
        query=ExportParameters,
        media=MEDIA["csv"],
        other_media=(MEDIA["jsonl"],),
    ),
    *(
        Endpoint(
            method="POST",
            path=f"{ALERTS}/bulk/{name}",
            handler=handler,
            summary=summary,
            permission="alerts:write",
            rows=Rows.OWN,
            records="",
            body=body,
            answers=BulkView,
        )
        for name, handler, body, summary in BULK
    ),
    Endpoint(
        method="GET",
        path=f"{ALERTS}/{{id}}/related",
        handler=related,
        summary="Read the cause and the consequences of an alert, and earlier alerts like it",
        permission="alerts:read",
        rows=Rows.OWN,
        answers=RelatedView,
    ),
)
