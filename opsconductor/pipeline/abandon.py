"""Lets go of what no snapshot will ever end: its target, check or connector is configured no more."""

from collections.abc import Collection

from opsconductor.pipeline.correlate import propagate
from opsconductor.pipeline.transition import expire
from opsconductor.pipeline.work import Work

ABANDONED = "snapshot.abandoned"
"""The rule in the history."""


def connector_of(scope: str) -> str:
    """Name the connector whose snapshots have a scope: scopes are `CONNECTOR` or `CONNECTOR/...`."""
    return scope.partition("/")[0]


def abandon(work: Work, scopes: Collection[str]) -> None:
    """Close what is listed in scopes; whether it is over nobody knows, so none is told.

    What another source has reported first is that source's again, and stays open.
    """
    for scope in scopes:
        work.state.snapshots.pop(scope, None)
        for fingerprint in work.book.listed.get(scope):
            alert = work.book.open.get(fingerprint)
            if alert is None:
                continue
            if alert.source_system == connector_of(scope):
                expire(work, alert, ABANDONED)
            else:
                work.change(alert, snapshot_scope="")
            propagate(work)
