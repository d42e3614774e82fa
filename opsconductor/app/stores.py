"""Durable storage of changes: PostgreSQL, and the spool while that is away."""

from dataclasses import dataclass
from functools import partial

from opsconductor.config.settings import Settings
from opsconductor.notify.outage import OutageOutbox
from opsconductor.pipeline.committer import CommitTimeouts, DurableCommitter
from opsconductor.selfcheck.watch.stored import StoredFindings, undelivered_of
from opsconductor.selfcheck.watch.trouble import SpoolFacts
from opsconductor.store.commit.commit import commit, give_up_writes
from opsconductor.store.notifications.undelivered import Undelivered
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.postgres.request_pool import RequestDatabase
from opsconductor.store.spool.queue import Spool

MOST_FOR_REQUESTS = 4
"""Connections that requests may use at a time; the rest is for the pipeline and deliveries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Storage of changes, and its status.

    Attributes:
        committer: Commits to PostgreSQL, and to the spool while that is away.
        outage: Sends notifications while PostgreSQL is away.
        database: PostgreSQL for requests.
        undelivered: Given-up notifications in PostgreSQL.
    """

    committer: DurableCommitter
    outage: OutageOutbox
    database: RequestDatabase
    spool: Spool
    spool_bytes: int
    undelivered: StoredFindings[Undelivered]

    @property
    def is_away(self) -> bool:
        """True while PostgreSQL lacks the newest state, or does not answer."""
        return self.database.status().state != "connected"

    def spool_facts(self) -> SpoolFacts:
        """Return the backlog of the spool."""
        waiting, losses = self.spool.waiting, self.spool.losses
        return SpoolFacts(
            entries=waiting.entries,
            bytes=waiting.bytes,
            limit_bytes=self.spool_bytes,
            age=self.spool.age,
            refusal=self.committer.refusal,
            rejected=waiting.rejected,
            lost=sum(loss.entries for loss in losses),
            lost_reports=sum(loss.reports for loss in losses),
        )


def stores_of(pool: Pool, spool: Spool, settings: Settings) -> Stores:
    """Create the committer with the spool, and give requests their share of the connections."""
    timeouts = CommitTimeouts(commit_s=settings.limits.commit_timeout.total_seconds())
    give_up = partial(give_up_writes, pool)
    committer = DurableCommitter(partial(commit, pool), spool, timeouts, give_up=give_up)
    database = RequestDatabase(
        pool,
        connections=max(1, min(MOST_FOR_REQUESTS, settings.database.pool_size // 2 - 1)),
        is_behind=lambda: committer.is_away,
        waiting=lambda: spool.waiting.entries,
    )
    return Stores(
        committer=committer,
        outage=OutageOutbox(committer.commit, lambda: committer.is_away),
        database=database,
        spool=spool,
        spool_bytes=settings.limits.spool_bytes,
        undelivered=undelivered_of(pool, settings.notifications.undelivered_time),
    )
