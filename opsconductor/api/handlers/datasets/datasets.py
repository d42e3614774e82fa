"""Datasets: list, create, show, change, delete."""

from aiohttp import web

from opsconductor.api.handlers.datasets.access import dataset_of, viewer
from opsconductor.api.handlers.datasets.bodies import DatasetBody, DatasetChanges, DatasetListParameters
from opsconductor.api.handlers.datasets.views import DatasetDetail, DatasetView, UploadView
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer
from opsconductor.store.datasets import datasets as store
from opsconductor.store.datasets.records import DatasetRecord
from opsconductor.store.datasets.uploads import uploads_of


async def list_datasets(call: Call) -> web.Response:
    """Respond with the datasets that the caller sees."""
    given: DatasetListParameters = call.query
    offset = (given.page - 1) * given.per_page
    found, total = await call.parts.database.ask(
        store.list_datasets, viewer(call), text=given.search, limit=given.per_page, offset=offset
    )
    shown = [DatasetView.model_validate(each) for each in found]
    return answer(shown, meta={"total": total, "page": given.page, "per_page": given.per_page})


async def create_dataset(call: Call) -> web.Response:
    """Create a dataset without files."""
    body: DatasetBody = call.body
    created = await call.parts.database.ask(
        store.create_dataset,
        viewer(call),
        name=body.name.strip(),
        description=body.description,
        tags=body.tags,
        is_shared=body.is_shared,
    )
    await call.record("dataset.create", str(created), {"name": body.name, "is_shared": body.is_shared})
    return answer(await _detail(call, await dataset_of(call, created)), status=201)


async def show_dataset(call: Call) -> web.Response:
    """Respond with a dataset, its columns, files and faults."""
    return answer(await _detail(call, await dataset_of(call, call.id)))


async def change_dataset(call: Call) -> web.Response:
    """Change name, description, tags or whether a dataset is shared."""
    body: DatasetChanges = call.body
    await dataset_of(call, call.id, to_change=True)
    changes = body.model_dump(exclude_none=True)
    await call.parts.database.ask(store.change_dataset, call.id, changes)
    await call.record("dataset.change", str(call.id), changes)
    return answer(await _detail(call, await dataset_of(call, call.id)))


async def delete_dataset(call: Call) -> web.Response:
    """Delete a dataset with its files and analyses."""
    found = await dataset_of(call, call.id, to_change=True)
    await call.parts.datasets.delete(call.id)
    await call.record("dataset.delete", str(call.id), {"name": found.name, "bytes": found.bytes})
    return answer(None)


async def _detail(call: Call, found: DatasetRecord) -> DatasetDetail:
    uploads = await call.parts.database.ask(uploads_of, found.id)
    shown = DatasetView.model_validate(found)
    return DatasetDetail.model_validate(
        {
            **dict(shown),
            "columns": found.columns or [],
            "uploads": [UploadView.model_validate(each) for each in uploads],
            "faults": found.metadata.get("faults", []),
            "fault_total": found.metadata.get("fault_total", 0),
            "remarks": found.metadata.get("remarks", []),
        }
    )
