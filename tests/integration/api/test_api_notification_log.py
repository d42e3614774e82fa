"""The log of notifications and the outbox, as the API lists them."""

from datetime import timedelta
from uuid import uuid4

from tests.support.api.api_stage import Caller, Stage
from tests.support.store.outbox_rows import NOW, add_alert, put

pytest_plugins = ["tests.integration.api_fixtures"]

LOGGED = """INSERT INTO notification_log
(id, alert_id, channel, recipient, status, attempts, error_message, payload, created_at, concluded_at,
 response_time_ms)
VALUES ($1, $2, $3, 'noc@example.net', $4, 2, $5, '{"rule": "all"}', $6, $6, 41)"""


async def test_results_of_notifications_are_listed(stage: Stage, operator: Caller) -> None:
    """The latest first; by channel, status, alert and time."""
    alert = await add_alert(stage.pool)
    for minutes, (channel, status) in enumerate([("mail", "sent"), ("mail", "failed"), ("sms", "sent")]):
        at, fault = NOW + timedelta(minutes=minutes), "550" if status == "failed" else None
        await stage.pool.execute(LOGGED, uuid4(), alert if minutes else None, channel, status, fault, at)

    async def listed(query: str) -> list[tuple[str, str]]:
        reply = await operator.get(f"/notifications/log?since=2020-01-01T00:00:00Z{query}")
        assert isinstance(reply.data, list), reply.error
        return [(each["channel"], each["status"]) for each in reply.data]

    assert await listed("") == [("sms", "sent"), ("mail", "failed"), ("mail", "sent")]
    assert await listed("&channel=mail&status=failed") == [("mail", "failed")]
    assert await listed(f"&alert_id={alert}&limit=1") == [("sms", "sent")]
    before = (NOW + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert await listed(f"&before={before}") == [("mail", "sent")]
    (failed,) = (await operator.get("/notifications/log?since=2020-01-01T00:00:00Z&status=failed")).data
    assert (failed["error"], failed["rule"], failed["response_time_ms"]) == ("550", "all", 41)


async def test_waiting_notifications_are_listed(stage: Stage, operator: Caller) -> None:
    """The next first; of one channel, or of all."""
    alert = await add_alert(stage.pool)
    await put(stage.pool, alert)
    (waiting,) = (await operator.get("/notifications/outbox")).data
    assert (waiting["alert_id"], waiting["attempts"], waiting["error"]) == (str(alert), 0, "")
    assert (await operator.get("/notifications/outbox?channel=nothing")).data == []
