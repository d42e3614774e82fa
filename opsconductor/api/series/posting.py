"""Endpoints that take measured values; they answer once these are durable."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice

from aiohttp import web
from pydantic import Field

from opsconductor.api.handlers.events import KEY_HEADER, LONGEST_KEY
from opsconductor.api.handlers.reported import JSON, MEDIA, Faulty, fault_at
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.http.validation import Fault, read_bytes, refused_for
from opsconductor.api.series.bodies import MOST_FAULTS, ReadPoints, read_points
from opsconductor.api.views import View
from opsconductor.errors import DecodeError, Unanswered
from opsconductor.model.measured.measurement import Measurement
from opsconductor.series.formats import otlp
from opsconductor.series.formats.labelled import measurements_of
from opsconductor.series.formats.remote_write import decode, expanded
from opsconductor.series.intake import WriteOutcome
from opsconductor.series.resolving import BAD_METRIC, FUTURE, NO_DEVICE, NOT_A_NUMBER, TOO_MANY, TOO_OLD

POST_BYTES = 4 * 1024 * 1024
"""Maximum size of a body; of a compressed one before it is expanded."""
PROTOBUF = "application/x-protobuf"
WITHIN_S = 20.0
"""Shorter than most senders wait for an answer."""
EXPECTED: Mapping[str, tuple[str, str]] = {
    NO_DEVICE: ("no device", "a name or an address"),
    BAD_METRIC: ("a metric with other characters", "letters, digits, _ : . -"),
    NOT_A_NUMBER: ("no finite number", "a number"),
    TOO_OLD: ("a time too long ago", "one within retention.points_days"),
    FUTURE: ("a time in the future", "the present time; series.future allows a little"),
    TOO_MANY: ("one more series of this sender", "at most series.most_series_per_source"),
}
"""What was found and expected, by reason."""


class TakenView(View):
    """What became of the points of a post."""

    accepted: int
    repeated: int = Field(description="Not stored: their id was used before.")
    refused: int
    errors: list[dict[str, str]] = Field(description="Of refused points, the first 50.")


async def post_points(call: Call) -> web.Response:
    """Store the valid points of a post; the others are listed in the answer.

    Raises:
        web.HTTPUnsupportedMediaType: It is neither JSON, JSON lines nor CSV.
        web.HTTPUnprocessableEntity: No point is valid.
        StoreUnavailable: They could not be stored in time: the sender should retry.
    """
    media = MEDIA.get(call.request.content_type)
    if media is None:
        message = f"send the body as {', '.join(sorted(set(MEDIA.values())))}"
        raise refusal(web.HTTPUnsupportedMediaType, "unsupported_media_type", message)
    body = await _body_of(call)
    try:
        read, measurements, ids = await asyncio.to_thread(_read, body, media)
    except Faulty as faulty:
        raise refused_for(faulty.faults) from faulty
    outcome = await _written(call, measurements, ids, batch_id=_key_of(call.request))
    refused = read.refused + len(outcome.refused)
    faults = [*read.faults, *_faults_of(outcome, read)][:MOST_FAULTS]
    if faults and not outcome.accepted and not outcome.repeated:
        raise refused_for(faults)
    view = TakenView(accepted=outcome.accepted, repeated=outcome.repeated, refused=refused, errors=faults)
    return answer(view)


async def post_remote_write(call: Call) -> web.Response:
    """Store the samples of a Prometheus remote write.

    A sample that cannot be stored does not fail the post, because Prometheus would drop or repeat all of it:
    it is counted by its reason. Markers of series that ended (NaN) are left out.

    Raises:
        web.HTTPBadRequest: The body is not snappy, or no WriteRequest.
        StoreUnavailable: They could not be stored in time: the sender retries.
    """
    body = await _body_of(call)
    try:
        measurements = await asyncio.to_thread(_of_remote_write, body)
    except DecodeError as error:
        raise refusal(web.HTTPBadRequest, error.reason, str(error)) from error
    await _written(call, measurements, ())
    return web.Response(status=204)


async def post_otlp(call: Call) -> web.Response:
    """Store the points of an OpenTelemetry export; the answer says how many were refused.

    Raises:
        web.HTTPBadRequest: The body is no export of metrics.
        StoreUnavailable: They could not be stored in time: the sender retries.
    """
    is_json = call.request.content_type == JSON
    body = await _body_of(call)
    try:
        read = await asyncio.to_thread(otlp.read_request, body, is_json=is_json)
    except DecodeError as error:
        raise refusal(web.HTTPBadRequest, error.reason, str(error)) from error
    outcome = await _written(call, read.measurements, ())
    refused = len(outcome.refused) + read.unsupported
    reasons = Counter(outcome.refused.values())
    if read.unsupported:
        reasons["unsupported_kind"] = read.unsupported
    why = ", ".join(f"{amount} {reason}" for reason, amount in reasons.items())
    if is_json:
        partial = {"rejectedDataPoints": str(refused), "errorMessage": why}
        return web.json_response({"partialSuccess": partial} if refused else {})
    return web.Response(body=otlp.response_of(refused, why), content_type=PROTOBUF)


async def _body_of(call: Call) -> bytes:
    at_most = min(POST_BYTES, call.parts.body_bytes)
    return await read_bytes(call.request, at_most=at_most, within_s=call.parts.limits.read_s)


async def _written(
    call: Call, measurements: Sequence[Measurement], ids: Sequence[str], batch_id: str = ""
) -> WriteOutcome:
    assert call.principal is not None
    series = call.parts.series
    if series is None:
        raise Unanswered("this daemon has no series")
    source = f"api:{call.principal.name}"[:255]
    try:
        async with asyncio.timeout(WITHIN_S):
            return await series.intake.write(measurements, source, batch_id=batch_id, ids=ids)
    except TimeoutError as error:
        message = f"the values were not stored within {WITHIN_S:g} s, though they may be still"
        raise Unanswered(message) from error


def _read(body: bytes, media: str) -> tuple[ReadPoints, list[Measurement], list[str]]:
    """Return the points of a body, as values and their ids; runs in a thread."""
    read, now = read_points(body, media), datetime.now(UTC)
    measurements = [point.measurement(now) for _, point in read.points]
    ids = [point.id or "" for _, point in read.points]
    return read, measurements, ids if any(ids) else []


def _of_remote_write(body: bytes) -> list[Measurement]:
    found = [each for series in decode(expanded(body)) for each in measurements_of(series)]
    return [each for each in found if each.value == each.value]


def _faults_of(outcome: WriteOutcome, read: ReadPoints) -> list[Fault]:
    """Return the faults of the first points that were refused."""
    first = islice(outcome.refused.items(), MOST_FAULTS)
    return [fault_at(read.points[position].place, *EXPECTED[reason]) for position, reason in first]


def _key_of(request: web.Request) -> str:
    key = request.headers.get(KEY_HEADER, "").strip()
    if len(key) > LONGEST_KEY or not key.isprintable():
        expected = f"at most {LONGEST_KEY} printable characters"
        raise refused_for([fault_at(KEY_HEADER, key, expected)], web.HTTPBadRequest)
    return key
