"""What every handler of datasets begins with: who asks, and for what."""

from uuid import UUID

from aiohttp import web

from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import refusal
from opsconductor.store.datasets.analyses import find_analysis
from opsconductor.store.datasets.datasets import find_dataset
from opsconductor.store.datasets.records import AnalysisRecord, DatasetRecord, DatasetViewer, viewer_of


def viewer(call: Call) -> DatasetViewer:
    """Return who asks."""
    assert call.principal is not None
    return viewer_of(call.principal)


async def dataset_of(call: Call, dataset_id: UUID, *, to_change: bool = False) -> DatasetRecord:
    """Return a dataset that the caller may see, or change.

    Raises:
        web.HTTPNotFound: There is none that the caller may see.
        web.HTTPForbidden: It belongs to another user.
    """
    found = await call.parts.database.ask(find_dataset, viewer(call), dataset_id)
    if found is None:
        raise refusal(web.HTTPNotFound, "not_found", f"there is no dataset {dataset_id} that you may see")
    if to_change and not found.is_own:
        message = f"the dataset {found.name} belongs to {found.created_by}, who shares it to be read"
        raise refusal(web.HTTPForbidden, "forbidden", message)
    return found


async def analysis_of(call: Call, *, to_change: bool = False) -> AnalysisRecord:
    """Return the analysis of the path.

    Raises:
        web.HTTPNotFound: There is none that the caller may see.
        web.HTTPForbidden: Neither it nor its dataset belongs to the caller.
    """
    found = await call.parts.database.ask(find_analysis, viewer(call), call.id)
    if found is None:
        raise refusal(web.HTTPNotFound, "not_found", f"there is no analysis {call.id} that you may see")
    if to_change and not found.is_own:
        raise refusal(web.HTTPForbidden, "forbidden", f"the analysis belongs to {found.created_by}")
    return found
