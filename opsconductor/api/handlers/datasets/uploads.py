"""Uploads: a file is announced with its size, then sent in one or several parts."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import NoReturn
from uuid import UUID

from aiohttp import StreamReader, web

from opsconductor.api.handlers.datasets.access import dataset_of, viewer
from opsconductor.api.handlers.datasets.bodies import PartParameters, UploadBody
from opsconductor.api.handlers.datasets.views import UploadView
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.http.validation import refused_for
from opsconductor.model.text import printable
from opsconductor.store.datasets import uploads as store
from opsconductor.store.datasets.jobs import queue_reading
from opsconductor.store.datasets.records import FileUpload

WRITE_BYTES = 1024 * 1024
"""Bytes that are written at a time, in a thread."""
SILENCE_S = 30.0
"""Seconds within which something more must arrive; what did is kept."""
MOST_RECEIVING = 50
"""Incomplete files of one owner."""
MOST_FILES = 1_000
"""Files of one dataset."""
MIB = 1024 * 1024


async def begin_upload(call: Call) -> web.Response:
    """Begin a file of a dataset, if there is room for it."""
    body: UploadBody = call.body
    dataset = await dataset_of(call, body.dataset, to_change=True)
    if dataset.files >= MOST_FILES:
        _refuse(web.HTTPConflict, "too_many", f"the dataset has {MOST_FILES:,} files")
    await _check_room(call, body.size)
    files = call.parts.datasets.files
    begin = partial(
        store.add_upload, filename=printable(body.filename), size=body.size, path=files.new_name("upload")
    )
    upload = await call.parts.database.ask(begin, body.dataset)
    await call.record("upload.begin", str(upload.id), {"dataset": str(body.dataset), "bytes": body.size})
    return answer(UploadView.model_validate(upload), status=201)


async def show_upload(call: Call) -> web.Response:
    """Respond with how much of a file has arrived."""
    return answer(UploadView.model_validate(await _upload_of(call)))


async def receive_part(call: Call) -> web.Response:
    """Append the body to a file; once it is complete, the files of the dataset are read."""
    given: PartParameters = call.query
    upload = await _upload_of(call)
    _check_place(upload, given.offset)
    datasets = call.parts.datasets
    if not datasets.begin_writing(upload.id):
        _refuse(web.HTTPConflict, "busy", "another request is writing this file: wait for it")
    try:
        upload = await _receive(call, upload)
    finally:
        datasets.end_writing(upload.id)
    if upload.status == "received":
        await read_again(call, upload.dataset_id)
        about = {
            "dataset": str(upload.dataset_id),
            "file": upload.original_filename,
            "bytes": upload.file_size,
        }
        await call.record("upload.complete", str(upload.id), about)
    return answer(UploadView.model_validate(upload))


async def delete_upload(call: Call) -> web.Response:
    """Delete a file of a dataset; the rest is read again."""
    upload = await _upload_of(call)
    await call.parts.database.ask(store.delete_upload, upload.id)
    await call.record("upload.delete", str(upload.id), {"file": upload.original_filename})
    await call.parts.datasets.tidy()
    if any(each.status != "receiving" for each in await _others(call, upload.dataset_id)):
        await read_again(call, upload.dataset_id)
    return answer(None)


async def read_again(call: Call, dataset_id: UUID) -> None:
    """Queue the reading of the files of a dataset."""
    datasets = call.parts.datasets
    await call.parts.database.ask(queue_reading, dataset_id, datasets.files.new_name("matrix"))
    datasets.wake()


async def _others(call: Call, dataset_id: UUID) -> list[FileUpload]:
    return list(await call.parts.database.ask(store.uploads_of, dataset_id))


async def _receive(call: Call, upload: FileUpload) -> FileUpload:
    """Write what arrives; what was written when the sender stops is kept and noted."""
    files, size = call.parts.datasets.files, upload.received
    fault: Exception | None = None
    try:
        async for block in _blocks(call.request.content):
            if size + sum(map(len, block)) > upload.file_size:
                over = f"more than the {upload.file_size:,} bytes that were announced"
                _refuse(web.HTTPConflict, "too_long", over)
            size = await asyncio.to_thread(files.write_at, upload.file_path, size, block)
    except (TimeoutError, ConnectionError, web.RequestPayloadError) as error:
        fault = error
    except OSError as error:
        message = f"the file cannot be written: {error.strerror or error}"
        raise refusal(web.HTTPInsufficientStorage, "no_space", message) from error
    if size > upload.received:
        await asyncio.to_thread(files.sync, upload.file_path)
        noted = await call.parts.database.ask(store.note_received, upload.id, size)
        if noted is None:
            _refuse(web.HTTPConflict, "deleted", "the file was deleted meanwhile")
        upload = noted
    if fault is not None:
        message = (
            f"the sender stopped after {upload.received:,} bytes: continue with offset={upload.received}"
        )
        raise refusal(web.HTTPRequestTimeout, "incomplete", message) from fault
    return upload


async def _blocks(content: StreamReader) -> AsyncIterator[list[bytes]]:
    """Yield what arrives in blocks that are worth a thread."""
    pending, waiting = list[bytes](), 0
    while True:
        async with asyncio.timeout(SILENCE_S):
            chunk = await content.readany()
        if not chunk:
            break
        pending.append(chunk)
        waiting += len(chunk)
        if waiting >= WRITE_BYTES:
            yield pending
            pending, waiting = [], 0
    if pending:
        yield pending


def _check_place(upload: FileUpload, offset: int) -> None:
    if upload.status != "receiving":
        _refuse(web.HTTPConflict, "complete", "the file has arrived completely")
    if offset != upload.received:
        message = f"{upload.received:,} bytes have arrived: continue with offset={upload.received}"
        details = [{"name": "offset", "found": str(offset), "expected": str(upload.received)}]
        raise refusal(web.HTTPConflict, "wrong_offset", message, details=details)


async def _check_room(call: Call, size: int) -> None:
    """Refuse a file for which there is no room, before any of it is sent."""
    limits, datasets = call.parts.datasets.settings, call.parts.datasets
    if size > limits.upload_bytes:
        expected = f"at most {limits.upload_bytes:,} bytes a file (datasets.upload_bytes): divide it"
        raise refused_for([{"name": "size", "found": f"{size:,}", "expected": expected}])
    used = await call.parts.database.ask(store.storage_use, viewer(call))
    if used.receiving >= MOST_RECEIVING:
        _refuse(web.HTTPConflict, "too_many", f"{used.receiving} of your files are incomplete: complete them")
    if used.own + size > limits.owner_bytes:
        over = (
            f"your files have {used.own // MIB:,} MiB of {limits.owner_bytes // MIB:,} MiB "
            "(datasets.owner_bytes): delete datasets that you do not need"
        )
        _refuse(web.HTTPConflict, "quota", over)
    free = await asyncio.to_thread(datasets.files.free_bytes)
    # what is read of a file takes up to half as much again
    if used.total + size > limits.total_bytes or free - size * 3 // 2 < limits.free_bytes:
        message = "there is no room for it on the daemon's disk (datasets.total_bytes, datasets.free_bytes)"
        _refuse(web.HTTPInsufficientStorage, "no_space", message)


async def _upload_of(call: Call) -> FileUpload:
    found = await call.parts.database.ask(store.find_upload, viewer(call), call.id)
    if found is None:
        _refuse(web.HTTPNotFound, "not_found", f"there is no file {call.id} of a dataset of yours")
    return found


def _refuse(kind: type[web.HTTPException], code: str, message: str) -> NoReturn:
    raise refusal(kind, code, message)
