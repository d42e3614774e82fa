"""Feedback by the link of a message, without a log-in."""

from datetime import UTC, datetime
from uuid import UUID

from opsconductor.api.dependencies import Dependencies
from opsconductor.model.alert import Alert
from opsconductor.notify.ack_link import AckLink
from opsconductor.store.access.audit import Author
from opsconductor.store.anomalies.judging import Judgement, judge
from opsconductor.store.anomalies.listing import find_anomaly

FIELD = "anomaly_id"


def is_anomaly(alert: Alert | None) -> bool:
    """Return True if an alert is about an anomaly of measured values."""
    return alert is not None and isinstance(alert.custom_fields.get(FIELD), str)


async def judge_by_link(parts: Dependencies, alert: Alert, link: AckLink, *, is_true: bool) -> str:
    """Keep what the recipient of a message has said; return what has come of it, for people.

    Raises:
        StoreUnavailable: PostgreSQL is away.
    """
    if datetime.now(UTC) >= link.expires_at:
        return "This link has expired. Use the link of a newer message, or log in to OpsConductor."
    row = None
    if is_anomaly(alert):
        row = await parts.database.ask(find_anomaly, UUID(str(alert.custom_fields[FIELD])))
    if row is None:
        return "The anomaly is not kept any more."
    device_type = parts.anomalies.device_type(row["device_key"])
    judgement = Judgement(is_true=is_true, notes="by the link of a message", device_type=device_type)
    await parts.database.ask(judge, row, judgement, Author(name=link.by, address=None))
    await parts.anomalies.judge(row, is_true=is_true)
    if is_true:
        return "Thank you. It is kept that this was a true anomaly."
    return "Thank you. It is kept as a false alarm; the same kind stays quiet for 30 days."
