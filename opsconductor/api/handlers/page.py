"""The operators' page: one template, static scripts and styles, no external resources."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from posixpath import dirname, join, normpath

from aiohttp import web

from opsconductor.api.http.compression import GZIP, takes
from opsconductor.model.enums import Category, Severity, Status
from opsconductor.web.sections import SECTIONS
from opsconductor.web.static_files import compressed_file, edition, static_files
from opsconductor.web.templating import page_template

ENTRIES = ("main.js", "faults.js")
"""Modules that the page begins with."""
IMPORT = re.compile(r"""^(?:import|export)\b[^;]*?["'](\.[^"']+)["'];""", re.MULTILINE)
NO_CACHE = {"Cache-Control": "no-cache"}
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
FILES = "/static/{edition:[0-9a-f]{16}}/{path:.+}"


def add_page(app: web.Application, version: str) -> None:
    """Serve the page at `/` and its sections, that of the API at `/api/docs`, files under `/static/`."""
    html = render(version)

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text=html, content_type="text/html", headers=NO_CACHE)

    app.router.add_get("/", page, name="page")
    for section in SECTIONS:
        app.router.add_get(f"/{section.name}", page)
        app.router.add_get(f"/{section.name}/{{item:.*}}", page)
    description = page_template("api-docs.html").render(files=address_of_files())

    async def api_docs(_request: web.Request) -> web.Response:
        return web.Response(text=description, content_type="text/html", headers=NO_CACHE)

    app.router.add_get("/api/docs", api_docs)
    app.router.add_get(FILES, static_file)
    app.router.add_get("/static/{path:.+}", static_file)


async def static_file(request: web.Request) -> web.Response:
    """Return a file: a browser keeps that of the present edition, and asks again for any other.

    A page that was opened before an upgrade gets the files of today.
    """
    path = request.match_info["path"]
    file = static_files().get(path)
    if file is None:
        raise web.HTTPNotFound
    is_present = request.match_info.get("edition") == edition()
    headers = {**(FOR_EVER if is_present else NO_CACHE), "Vary": "Accept-Encoding"}
    content = file.content
    if takes(GZIP, request.headers.get("Accept-Encoding", "")):
        content, headers["Content-Encoding"] = compressed_file(path), GZIP
    return web.Response(body=content, content_type=file.media, charset="utf-8", headers=headers)


def address_of_files() -> str:
    """Return the path below which the pages have their files."""
    return f"/static/{edition()}"


@cache
def render(version: str) -> str:
    """Return the page; it is the same for all, its data come through the API."""
    words: Mapping[str, object] = {
        "version": version,
        "files": address_of_files(),
        "sections": SECTIONS,
        "entries": ENTRIES,
        "modules": imported_modules(),
        "severities": [severity.value for severity in Severity if severity is not Severity.CLEAR],
        "statuses": [status.value for status in Status],
        "categories": [category.value for category in Category],
    }
    return page_template("page.html").render(words)


def imported_modules() -> Sequence[str]:
    """Return what the first modules import, and what that imports: the browser loads all of it at once."""
    content = static_files()
    found = dict.fromkeys(ENTRIES)
    waiting = list(ENTRIES)
    while waiting:
        module = waiting.pop()
        for name in IMPORT.findall(content[module].content.decode()):
            imported = normpath(join(dirname(module), name))
            if imported not in found:
                found[imported] = None
                waiting.append(imported)
    return [module for module in found if module not in ENTRIES]
