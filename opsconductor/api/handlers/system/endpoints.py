"""Endpoints of the daemon itself."""

from opsconductor.api.handlers.system import daemon
from opsconductor.api.handlers.system.doctor_view import DoctorView
from opsconductor.api.handlers.system.views import (
    DaemonStatsView,
    DoctorParameters,
    LedgerOverTime,
    LedgerParameters,
    SettingView,
)
from opsconductor.api.http.endpoint import Endpoint
from opsconductor.api.views import HealthView, ReloadView

SYSTEM = "/api/v1/system"

SYSTEM_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=f"{SYSTEM}/health",
        handler=daemon.health,
        summary="Read the state of the daemon; without a key the status alone",
        permission=None,
        answers=HealthView,
        tag="system",
    ),
    Endpoint(
        method="GET",
        path=f"{SYSTEM}/doctor",
        handler=daemon.examine,
        summary="Examine the daemon and its environment: findings with remedies, and the loss ledger",
        permission="system:read",
        query=DoctorParameters,
        other_media=(daemon.JSON_LINES,),
        answers=DoctorView,
        tag="system",
    ),
    Endpoint(
        method="GET",
        path=f"{SYSTEM}/stats",
        handler=daemon.stats,
        summary="Read what the daemon uses and holds: memory, processor, sizes and growth of the tables",
        permission="system:read",
        answers=DaemonStatsView,
        tag="system",
    ),
    Endpoint(
        method="GET",
        path=f"{SYSTEM}/settings",
        handler=daemon.settings,
        summary="Read the settings in force, each with its origin; secrets are masked",
        permission="system:read",
        answers=list[SettingView],
        tag="system",
    ),
    Endpoint(
        method="GET",
        path=f"{SYSTEM}/ledger",
        handler=daemon.ledger,
        summary="Read the outcome of all messages: sums by connector, losses, gaps, and amounts over time",
        permission="system:read",
        query=LedgerParameters,
        answers=LedgerOverTime,
        tag="system",
    ),
    Endpoint(
        method="POST",
        path=f"{SYSTEM}/reload",
        handler=daemon.reload,
        records="daemon.reload",
        summary="Apply the provisioning files and the database's configuration; answered once done",
        permission="system:write",
        answers=ReloadView,
        tag="system",
    ),
    Endpoint(
        method="GET",
        path="/metrics",
        handler=daemon.show_metrics,
        summary="Read the counters in Prometheus' text form; without a key from api.metrics_networks only",
        permission=None,
        knows_callers=True,
        refuses=(401, 403),
        media="text/plain",
        tag="system",
    ),
)
