"""The HTTP side of the fake NetBox: tokens, rights, paging, redirects, errors, and troubles on demand.

Source: NetBox 4.6.8, `netbox/api/pagination.py`, `netbox/api/authentication.py`, `netbox/middleware.py`.
"""

import asyncio
import json
import ssl
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from aiohttp import web

from tests.fakes.netbox.estate import Estate, Row
from tests.fakes.netbox.filters import BadFilter, filtered, ordered
from tests.fakes.netbox.shapes import PATHS, SHAPES, Shown

V1 = "0123456789abcdef0123456789abcdef01234567"
V2 = "nbt_Ab3dEf6hIj9k.0123456789abcdef0123456789abcdef01234567"
KINDS = {path: kind for kind, path in PATHS.items()}
NO_PERMISSION = "You do not have permission to perform this action."
DEFAULT_PAGE = 50
NESTED_ROLES_SINCE = (4, 3)
BROKEN = "broken off"


@dataclass(slots=True)
class Token:
    """A token of the API.

    Attributes:
        refusal: Why it is not taken: `Token expired`, `Token disabled`, ...
        may_not_view: Types that its user has no permission for.
    """

    refusal: str | None = None
    may_not_view: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Trouble:
    """A fault in place of the answer to the next requests for a path.

    Attributes:
        path: Beginning of the path below `/api/`; empty: any.
        times: To how many requests.
        after: So many requests for that path are answered before.
        wait: Hold the request until it is set; then answer `status`, or as usual when that is 0.
        breaks: Break off in the middle of the answer.
    """

    path: str = ""
    status: int = 0
    body: str = '{"error": "database is locked", "exception": "OperationalError", "netbox_version": "4.6.8"}'
    times: int = 1
    after: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: asyncio.Event | None = None
    breaks: bool = False


@dataclass(slots=True)
class FakeNetbox:
    """A NetBox server over an estate.

    Attributes:
        version: Version in `/api/status/`; before 4.6 there are no cursors.
        most_rows: MAX_PAGE_SIZE.
        requests: Paths with query of all requests, in their order.
        before: Called with the path before each answer: things change while somebody reads.
        next_root: What the links to next pages begin with; a proxy may have it wrong.
    """

    estate: Estate = field(default_factory=Estate)
    version: str = "4.6.8"
    most_rows: int = 1000
    base_path: str = ""
    tokens: dict[str, Token] = field(default_factory=lambda: {V1: Token(), V2: Token()})
    troubles: list[Trouble] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    before: Callable[[str], None] | None = None
    next_root: str | None = None
    port: int = 0
    scheme: str = "http"
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """Return its URL."""
        return f"{self.scheme}://localhost:{self.port}{self.base_path}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        answer = await self._answer(request)
        if answer.reason == BROKEN and request.transport is not None:
            request.transport.abort()
        answer.headers["X-Request-ID"] = str(uuid.UUID(int=len(self.requests)))
        answer.headers["API-Version"] = ".".join(self.version.split(".")[:2])
        return answer

    async def _answer(self, request: web.Request) -> web.Response:
        self.requests.append(request.path_qs)
        self.asked.set()
        if not request.path.startswith(f"{self.base_path}/api"):
            return web.Response(status=404, text="<html>Page Not Found</html>", content_type="text/html")
        if not request.path.endswith("/"):
            there = f"{request.path}/" + (f"?{request.query_string}" if request.query_string else "")
            return web.Response(status=301, headers={"Location": there})
        path = request.path.removeprefix(f"{self.base_path}/api/").strip("/")
        if self.before is not None:
            self.before(path)
        trouble = self._trouble(path)
        if trouble is not None:
            if trouble.wait is not None:
                await trouble.wait.wait()
            if trouble.breaks:
                return web.Response(reason=BROKEN)
            if trouble.status:
                kind = "text/html" if trouble.body.startswith("<") else "application/json"
                return web.Response(
                    status=trouble.status, text=trouble.body, headers=trouble.headers, content_type=kind
                )
        token, refusal = self._token(request)
        if token is None:
            return _json({"detail": refusal}, 403)
        return self._served(request, path, token)

    def _served(self, request: web.Request, path: str, token: Token) -> web.Response:
        if path in ("", "status", "authentication-check"):
            return _json(self._fixed(path))
        parts = path.split("/")
        kind = KINDS.get("/".join(parts[:2]))
        if kind is None or (kind == "core.objectchange" and self._number() < (4, 1)):
            return web.Response(status=404, text="<html>Page Not Found</html>", content_type="text/html")
        if kind in token.may_not_view:
            return _json({"detail": NO_PERMISSION}, 403)
        query = {name: request.query.getall(name) for name in request.query}
        try:
            if len(parts) > 2:
                return self._detail(kind, parts[2], query)
            return _json(self._page(kind, request, query))
        except BadFilter as error:
            return _json(error.answer, 400)

    def _fixed(self, path: str) -> Row:
        if path == "authentication-check":
            return {"id": 1, "username": "opsconductor", "display": "opsconductor"}
        if path == "":
            return {"dcim": f"{self.url}/api/dcim/", "status": f"{self.url}/api/status/"}
        return {
            "django-version": "5.2.4",
            "hostname": "netbox",
            "installed_apps": {},
            "netbox-version": self.version,
            "netbox-full-version": self.version,
            "plugins": {},
            "python-version": "3.12.3",
            "rq-workers-running": 1,
        }

    def _token(self, request: web.Request) -> tuple[Token | None, str]:
        keyword, _, text = request.headers.get("Authorization", "").partition(" ")
        if keyword.lower() not in ("token", "bearer"):
            return None, "Authentication credentials were not provided."
        version = 2 if text.startswith("nbt_") else 1
        token = self.tokens.get(text)
        if token is None or (version == 2 and self._number() < (4, 5)):
            return None, f"Invalid v{version} token"
        return (token, "") if token.refusal is None else (None, token.refusal)

    def _detail(self, kind: str, key: str, query: Mapping[str, Sequence[str]]) -> web.Response:
        row = self.estate.of(kind).get(int(key) if key.isdigit() else 0)
        if row is None:
            return _json({"detail": "Not found."}, 404)
        return _json(self._shown(kind, [row], query)[0])

    def _shown(self, kind: str, rows: list[Row], query: Mapping[str, Sequence[str]]) -> list[Row]:
        shown = Shown(self.estate, self.url)
        fields: Sequence[str] = ()
        if query.get("brief"):
            fields = SHAPES[kind].brief
        if query.get("fields"):
            fields = query["fields"][-1].split(",")
        omit = query.get("omit", [""])[-1].split(",")
        if "config_context" in query.get("exclude", [""])[-1]:
            omit = [*omit, "config_context"]
        if kind == "dcim.devicerole" and self._number() < NESTED_ROLES_SINCE:
            omit = [*omit, "parent"]
        return [shown.row(kind, row, fields=fields, omit=omit) for row in rows]

    def _page(self, kind: str, request: web.Request, query: Mapping[str, Sequence[str]]) -> Row:
        limit, offset = self._limit(query), int(query.get("offset", ["0"])[-1])
        if "start" in query and self._number() >= (4, 6):
            return self._cursor_page(kind, request, query, limit)
        rows = ordered(list(filtered(self.estate, kind, query)), query.get("ordering", [None])[-1], kind)
        shown = self._shown(kind, rows[offset : offset + limit], query)
        has_more = offset + limit < len(rows)
        following = self._link(request, limit=limit, offset=offset + limit) if has_more else None
        previous = self._link(request, limit=limit, offset=max(offset - limit, 0)) if offset else None
        return {"count": len(rows), "next": following, "previous": previous, "results": shown}

    def _cursor_page(
        self, kind: str, request: web.Request, query: Mapping[str, Sequence[str]], limit: int
    ) -> Row:
        for other in ("offset", "ordering"):
            if other in query:
                raise BadFilter("detail", f"'start' and '{other}' are mutually exclusive.")
        rows = list(islice(filtered(self.estate, kind, query, int(query["start"][-1])), limit))
        following = self._link(request, limit=limit, start=rows[-1]["id"] + 1) if len(rows) == limit else None
        return {"count": None, "next": following, "previous": None, "results": self._shown(kind, rows, query)}

    def _limit(self, query: Mapping[str, Sequence[str]]) -> int:
        asked = query.get("limit", [""])[-1]
        if not asked.isdigit():
            return min(DEFAULT_PAGE, self.most_rows)
        return min(int(asked) or self.most_rows, self.most_rows)

    def _link(self, request: web.Request, **values: int) -> str:
        root = self.next_root or f"{self.scheme}://{request.host}"
        url = request.url.with_scheme("http").update_query(
            {name: str(value) for name, value in values.items()}
        )
        return f"{root}{url.raw_path_qs}"

    def _trouble(self, path: str) -> Trouble | None:
        for trouble in self.troubles:
            if path.startswith(trouble.path) and trouble.times > 0:
                if trouble.after > 0:
                    trouble.after -= 1
                    continue
                trouble.times -= 1
                return trouble
        return None

    def _number(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.version.split(".")[:2])


def _json(document: Any, status: int = 200) -> web.Response:
    return web.Response(status=status, body=json.dumps(document).encode(), content_type="application/json")


@asynccontextmanager
async def serving(fake: FakeNetbox, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[FakeNetbox]:
    """Run a fake NetBox on a free port of this machine."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    fake.port = int(runner.addresses[0][1])
    fake.scheme = "http" if tls is None else "https"
    try:
        yield fake
    finally:
        for trouble in fake.troubles:
            if trouble.wait is not None:
                trouble.wait.set()
        await runner.cleanup()
