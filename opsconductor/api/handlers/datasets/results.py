"""Results of analyses: rows as JSON or CSV, the picture as JSON, SVG or PNG."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from opsconductor.api.handlers.datasets.access import analysis_of
from opsconductor.api.handlers.datasets.bodies import AnalysisRowParameters, PictureParameters
from opsconductor.api.handlers.datasets.views import AnalysisRowView, ProjectionView
from opsconductor.api.http.compression import begin_file
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer, refusal
from opsconductor.datasets.analysis.listing import MOST_ROWS
from opsconductor.datasets.export import rows_as_csv
from opsconductor.datasets.picture import png_of, svg_of
from opsconductor.store.datasets import analyses as store
from opsconductor.store.datasets.records import AnalysisRecord

LEVELS = {"anomalous": ("anomalous",), "warning": ("anomalous", "warning"), "all": ("anomalous", "warning")}
SVG, PNG = "image/svg+xml", "image/png"


async def show_rows(call: Call) -> web.StreamResponse:
    """Respond with rows of an analysis: explained ones as JSON, or all as CSV."""
    given: AnalysisRowParameters = call.query
    analysis = await _completed(call)
    if given.format == "csv":
        return await _csv(call, analysis, given.level)
    offset = (given.page - 1) * given.per_page
    rows, total = await call.parts.database.ask(
        store.analysis_rows, call.id, levels=LEVELS[given.level], limit=given.per_page, offset=offset
    )
    meta = {"total": total, "page": given.page, "per_page": given.per_page}
    return answer([AnalysisRowView.model_validate(row) for row in rows], meta=meta)


async def show_projection(call: Call) -> web.Response:
    """Respond with the picture of an analysis."""
    given: PictureParameters = call.query
    analysis = await _completed(call)
    points = await call.parts.database.ask(store.read_projection, call.id)
    if points is None:
        raise _gone(analysis)
    title = _title(analysis)
    if given.format == "json":
        return answer(ProjectionView.model_validate({"title": title, **points}))
    body = await asyncio.to_thread(_drawn, title, points, given.format)
    response = web.Response(body=body, content_type=PNG if given.format == "png" else SVG)
    response.headers["Content-Disposition"] = f'inline; filename="analysis-{call.id}.{given.format}"'
    return response


def _drawn(title: str, points: Mapping[str, Sequence[Any]], wanted: str) -> bytes:
    svg = svg_of(title, points)
    return png_of(svg) if wanted == "png" else svg.encode()


async def _csv(call: Call, analysis: AnalysisRecord, level: str) -> web.StreamResponse:
    if analysis.results_path is None or analysis.results is None:
        raise _gone(analysis)
    rows, _ = await call.parts.database.ask(
        store.analysis_rows, call.id, levels=LEVELS["all"], limit=MOST_ROWS
    )
    folder = call.parts.datasets.files.path_of(analysis.results_path)
    explained = {row["row_number"]: row for row in rows}
    parts = rows_as_csv(folder, level, analysis.results["baseline_rows"], explained)
    try:
        first = await asyncio.to_thread(next, parts)
    except OSError as error:
        raise _gone(analysis) from error
    response, compress = await begin_file(call.request, name=f"analysis-{call.id}.csv", media="text/csv")
    await response.write(compress(first))
    while part := await asyncio.to_thread(next, parts, b""):
        await response.write(compress(part))
    await response.write_eof(compress(None))
    return response


async def _completed(call: Call) -> AnalysisRecord:
    found = await analysis_of(call)
    if found.status != "completed":
        message = f"the analysis is {found.status}" + (
            f": {found.error_message}" if found.error_message else ""
        )
        raise refusal(web.HTTPConflict, "not_completed", message)
    return found


def _gone(analysis: AnalysisRecord) -> web.HTTPException:
    message = "rows and picture were deleted by retention: run the analysis again"
    if analysis.archived_at is None:
        message = "the files of the analysis are missing: run it again"
    return refusal(web.HTTPConflict, "archived", message)


def _title(analysis: AnalysisRecord) -> str:
    results = analysis.results or {}
    return (
        f"{analysis.dataset}: {results.get('anomalous', 0):,} anomalous of "
        f"{results.get('monitored_rows', 0):,} monitored rows"
    )
