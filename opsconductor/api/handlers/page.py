"""The operators' page: one template, static scripts and styles, no external resources."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from posixpath import dirname, join, normpath

from aiohttp import web

from opsconductor import web as files
from opsconductor.model.enums import Category, Severity, Status
from opsconductor.web.sections import SECTIONS
from opsconductor.web.templating import page_template

ENTRIES = ("main.js", "faults.js")
"""Modules that the page begins with."""
IMPORT = re.compile(r"""^(?:import|export)\b[^;]*?["'](\.[^"']+)["'];""", re.MULTILINE)
NO_CACHE = {"Cache-Control": "no-cache"}


def add_page(app: web.Application, version: str) -> None:
    """Serve the page at `/` and its sections, that of the API at `/api/docs`, files under `/static/`."""
    html = render(version)

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text=html, content_type="text/html", headers=NO_CACHE)

    app.router.add_get("/", page, name="page")
    for section in SECTIONS:
        app.router.add_get(f"/{section.name}", page)
        app.router.add_get(f"/{section.name}/{{item:.*}}", page)
    description = (files.TEMPLATES / "api-docs.html").read_text()

    async def api_docs(_request: web.Request) -> web.Response:
        return web.Response(text=description, content_type="text/html", headers=NO_CACHE)

    app.router.add_get("/api/docs", api_docs)
    app.router.add_static("/static", files.STATIC, name="static")


@cache
def render(version: str) -> str:
    """Return the page; it is the same for all, its data come through the API."""
    words: Mapping[str, object] = {
        "version": version,
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
    found = dict.fromkeys(ENTRIES)
    waiting = list(ENTRIES)
    while waiting:
        module = waiting.pop()
        for name in IMPORT.findall((files.STATIC / module).read_text()):
            imported = normpath(join(dirname(module), name))
            if imported not in found:
                found[imported] = None
                waiting.append(imported)
    return [module for module in found if module not in ENTRIES]
