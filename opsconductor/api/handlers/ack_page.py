"""Page behind the acknowledge link of a message, without a log-in: GET shows a button, POST acts.

Previews of links and scanners of mail send GET or HEAD, so they acknowledge nothing.
"""

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape
from urllib.parse import parse_qs

from aiohttp import web

from opsconductor.api.auth.attempts import network_of
from opsconductor.api.dependencies import Dependencies
from opsconductor.api.handlers.anomalies.by_link import is_anomaly, judge_by_link
from opsconductor.api.http.validation import read_bytes
from opsconductor.connector.acknowledging import AckOutcome, AckState
from opsconductor.errors import StoreError
from opsconductor.limits import BoundedMap, Rate, TokenBucket
from opsconductor.model.alert import Alert
from opsconductor.model.enums import HistoryAction
from opsconductor.notify.ack_link import PATH, AckLink
from opsconductor.notify.reading import moment
from opsconductor.pipeline.acknowledging import MessageAcknowledger, standing_of
from opsconductor.store.access.audit import AuditEntry, Author, record
from opsconductor.store.alerts import lookup as store
from opsconductor.web.templating import page_template

log = logging.getLogger(__name__)

RATE = Rate(per_s=0.5, burst=20)
"""Of requests with one link, and of wrong links from one network. A right link is never limited by wrong
ones: behind a proxy all clients may have one address."""
REMEMBERED = 10_000
FORM_BYTES = 16 * 1024
"""Maximum size of the form that is posted for a key of a telephone."""
JUDGE = "feedback"
CALL, KEY = "call", "1"
"""Path below a link for keys pressed in a call, and the key that acknowledges."""
HEADERS = {"X-Robots-Tag": "noindex", "Cache-Control": "no-store"}
STATUSES = {AckState.OVER: 410, AckState.UNKNOWN: 410, AckState.ALREADY: 200, AckState.UNSETTLED: 503}
INVALID = "This link is not valid. It may be cut: open it from the message again, or log in to OpsConductor."
LIMITED = "Too many requests. Please wait a minute."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """Content of the page.

    Attributes:
        can_act: There is a button.
    """

    status: int
    text: str
    alert: Alert | None = None
    can_act: bool = False


class AckPage:
    """Answers the links of messages."""

    def __init__(self, parts: Dependencies) -> None:
        self._parts = parts
        self._acknowledger = MessageAcknowledger(command=parts.pipeline.command, find=self._find)
        self._asked: BoundedMap[object, TokenBucket] = BoundedMap(REMEMBERED)

    async def show(self, request: web.Request) -> web.Response:
        """Show the alert, and a button if it can be acknowledged."""
        link = self._link(request)
        if not isinstance(link, AckLink):
            return self._page(link, None)
        return self._page(await self._standing(link), link, f"{request.match_info['token']}/{JUDGE}")

    async def act(self, request: web.Request) -> web.Response:
        """Acknowledge, and show what has come of it."""
        link = self._link(request)
        if not isinstance(link, AckLink):
            return self._page(link, None)
        shown = await self._acted(link, link.by, request.remote)
        return self._page(shown, link, f"{request.match_info['token']}/{JUDGE}")

    async def judge(self, request: web.Request) -> web.Response:
        """Take whether the anomaly behind an alert was one."""
        link = self._link(request)
        if not isinstance(link, AckLink):
            return self._page(link, None)
        body = await read_bytes(request, at_most=FORM_BYTES, within_s=self._parts.limits.read_s)
        said = parse_qs(body.decode("ascii", "replace")).get("was_one")
        shown = await self._standing(link)
        if said not in (["yes"], ["no"]) or shown.alert is None:
            return self._page(shown, link)
        try:
            text = await judge_by_link(self._parts, shown.alert, link, is_true=said == ["yes"])
        except StoreError:
            return self._page(_Shown(status=503, text="It cannot be kept now. Please try again."), link)
        return self._page(replace(shown, text=text), link)

    async def call(self, request: web.Request) -> web.Response:
        """Acknowledge for a key pressed in a call, and answer in words to be read (TwiML, as Twilio asks)."""
        link = self._link(request)
        if not isinstance(link, AckLink):
            return _spoken(link.text)
        body = await read_bytes(request, at_most=FORM_BYTES, within_s=self._parts.limits.read_s)
        if parse_qs(body.decode("ascii", "replace")).get("Digits") != [KEY]:
            return _spoken(f"The key to acknowledge is {KEY}. Nothing was acknowledged.")
        return _spoken((await self._acted(link, link.by_call, request.remote)).text)

    async def _acted(self, link: AckLink, by: str, address: str | None) -> _Shown:
        """Acknowledge if the link can, and return what has come of it."""
        shown = await self._standing(link)
        if not shown.can_act:
            return shown
        outcome = await self._acknowledger.acknowledge(link.alert_id, by)
        if outcome.state is AckState.DONE:
            await self._audit(link, by, address)
        return _shown_of(outcome)

    def _find(self, alert_id: object) -> Alert | None:
        return self._parts.engine().get(alert_id)  # type: ignore[arg-type]

    def _link(self, request: web.Request) -> AckLink | _Shown:
        """Return the link of a request, or what is shown instead; nothing is revealed by a wrong one."""
        links = self._parts.ack_links
        link = None if links is None else links.read(request.match_info["token"])
        key = ("network", network_of(request.remote or "")) if link is None else (link.alert_id, link.by)
        now_s = asyncio.get_running_loop().time()
        bucket = self._asked.use(key)
        if bucket is None:
            bucket = self._asked[key] = TokenBucket(RATE, now_s)
        if bucket.spend(1, RATE, now_s):
            return _Shown(status=429, text=LIMITED)
        return link or _Shown(status=404, text=INVALID)

    async def _standing(self, link: AckLink) -> _Shown:
        """Return what a link can do now."""
        alert = self._find(link.alert_id)
        try:
            if alert is None:
                stored = await self._parts.database.ask(store.get_alert, link.alert_id)
                alert = None if stored is None else stored.alert
            over = standing_of(alert)
            if over is None and await self._is_used(link):
                text = (
                    "This link has been used, and the acknowledgement was withdrawn later. Use the link of a "
                    "newer message, or log in to OpsConductor."
                )
                return _Shown(status=410, text=text, alert=alert)
        except StoreError:
            if alert is None:
                return _Shown(status=503, text="The alert cannot be looked up now. Please try again.")
            over = standing_of(alert)  # the engine knows its state; whether the link was used matters less
        if over is not None:
            return _shown_of(over)
        if datetime.now(UTC) >= link.expires_at:
            text = "This link has expired. Use the link of a newer message, or log in to OpsConductor."
            return _Shown(status=410, text=text, alert=alert)
        return _Shown(status=200, text="This alert is not acknowledged yet.", alert=alert, can_act=True)

    async def _is_used(self, link: AckLink) -> bool:
        """Return True if this recipient has acknowledged by a link since this one was issued."""
        await self._parts.pipeline.in_flight.settled(link.alert_id)
        past = await self._parts.database.ask(store.get_history, link.alert_id)
        return any(
            entry["action"] == HistoryAction.ACKNOWLEDGED
            and entry["user_name"] in {link.by, link.by_call}
            and entry["created_at"] >= link.issued_at
            for entry in past
        )

    async def _audit(self, link: AckLink, by: str, address: str | None) -> None:
        details = {"issued_at": link.issued_at.isoformat()}
        done = AuditEntry(action="acknowledge.link", subject=str(link.alert_id), details=details)
        try:
            await self._parts.database.ask(record, done, Author(name=by, address=address or None))
        except StoreError as error:
            log.warning("the audit log cannot be written", extra={"error": str(error)})

    def _page(self, shown: _Shown, link: AckLink | None, action: str = "") -> web.Response:
        alert = shown.alert
        text = page_template("acknowledge.html").render(
            shown=shown,
            alert=alert,
            began=moment(alert.occurred_at.isoformat(), None) if alert else "",
            link=link,
            is_anomaly=is_anomaly(alert),
            action=action,
        )
        return web.Response(text=text, status=shown.status, content_type="text/html", headers=HEADERS)


def _shown_of(outcome: AckOutcome) -> _Shown:
    return _Shown(status=STATUSES.get(outcome.state, 200), text=outcome.text, alert=outcome.alert)


def _spoken(text: str) -> web.Response:
    body = f"<Response><Say>{escape(text)}</Say></Response>"
    return web.Response(text=body, content_type="text/xml", headers=HEADERS)


def add_ack_page(app: web.Application, parts: Dependencies) -> None:
    """Serve the links of messages below `/ack/`."""
    page = AckPage(parts)
    app.router.add_get(f"/{PATH}/{{token}}", page.show)
    app.router.add_post(f"/{PATH}/{{token}}", page.act)
    app.router.add_post(f"/{PATH}/{{token}}/{JUDGE}", page.judge)
    app.router.add_post(f"/{PATH}/{{token}}/{CALL}", page.call)
