"""The endpoints of anomalies and of versions of the detector."""

from functools import partial

from opsconductor.api.handlers.anomalies import changing, reading
from opsconductor.api.handlers.anomalies.models import MODEL_ENDPOINTS
from opsconductor.api.handlers.anomalies.views import (
    AnomalyAssignBody,
    AnomalyDetail,
    AnomalyExportParameters,
    AnomalyListParameters,
    AnomalyRemark,
    AnomalyView,
    DigestParameters,
    DigestView,
    FeedbackBody,
    TriedRuleView,
    TryRuleBody,
)
from opsconductor.api.http.endpoint import Endpoint
from opsconductor.store.access.permissions import Rows

ANOMALIES = "/api/v1/anomalies"
ANOMALY = f"{ANOMALIES}/{{id}}"
TAG = "measurements"

read = partial(Endpoint, method="GET", permission="alerts:read", rows=Rows.OWN, tag=TAG)
change = partial(
    Endpoint,
    method="POST",
    permission="alerts:write",
    rows=Rows.OWN,
    records="",
    answers=AnomalyView,
    tag=TAG,
)

ANOMALY_ENDPOINTS: tuple[Endpoint, ...] = (
    read(
        path=ANOMALIES,
        handler=reading.list_all,
        summary="List anomalies, the latest first",
        query=AnomalyListParameters,
        answers=list[AnomalyView],
        refuses=(409,),
    ),
    read(
        path=f"{ANOMALIES}/digest",
        handler=reading.digest,
        summary="Read what was found and what was held back, and rules that feedback suggests",
        query=DigestParameters,
        answers=DigestView,
    ),
    read(
        path=f"{ANOMALIES}/export",
        handler=reading.export,
        summary="Export anomalies as CSV or JSON lines",
        query=AnomalyExportParameters,
        media="text/csv",
        other_media=("application/x-ndjson",),
    ),
    read(
        path=ANOMALY,
        handler=reading.get,
        summary="Read an anomaly with its explanation, the points around it and its members",
        answers=AnomalyDetail,
    ),
    read(
        path=f"{ANOMALY}/plot",
        handler=reading.plot,
        summary="Read the plot of an anomaly",
        media="image/svg+xml",
    ),
    change(
        path=f"{ANOMALY}/acknowledge",
        handler=changing.acknowledge,
        summary="Acknowledge an anomaly",
        body=AnomalyRemark,
        refuses=(409,),
    ),
    change(
        path=f"{ANOMALY}/resolve",
        handler=changing.resolve,
        summary="Resolve an anomaly; its alert is cleared",
        body=AnomalyRemark,
        refuses=(409,),
    ),
    change(
        path=f"{ANOMALY}/assign",
        handler=changing.assign_to,
        summary="Assign an anomaly",
        body=AnomalyAssignBody,
    ),
    change(
        path=f"{ANOMALY}/feedback",
        handler=changing.give_feedback,
        summary="Confirm an anomaly, or mark it as a false alarm: similar ones are held back for a time",
        body=FeedbackBody,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/alert-rules/try",
        handler=changing.try_rule,
        summary="Evaluate a rule that is not saved over stored points",
        permission="config:read",
        body=TryRuleBody,
        answers=TriedRuleView,
        records="",
        tag=TAG,
    ),
    *MODEL_ENDPOINTS,
)
