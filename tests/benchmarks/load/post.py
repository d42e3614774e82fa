"""Posts alerts over HTTP as fast as they are answered.

`post.py URL FORM KIND ALERTS CONNECTIONS SECONDS [TOKEN]`: FORM is `alertmanager` (its own API), `webhook`
(a group as it sends it on) or `event` (`POST /api/v1/events`); KIND is `storm` (a thousand alerts again and
again) or `distinct`. It prints how many alerts were taken.
"""

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Iterator

import aiohttp

FINGERPRINTS = 1_000
NOT_YET = "0001-01-01T00:00:00Z"


def alert(number: int) -> dict[str, object]:
    """Make one alert as Prometheus and Alertmanager write it: eight labels, three annotations."""
    host = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return {
        "status": "firing",
        "labels": {
            "alertname": "NodeFilesystemSpaceFillingUp",
            "device": "/dev/sda3",
            "fstype": "ext4",
            "host": host,
            "instance": f"{host}:9100",
            "job": "node",
            "mountpoint": "/var",
            "severity": "warning",
        },
        "annotations": {
            "summary": "Filesystem is predicted to run out of space within the next 24 hours.",
            "description": f"Filesystem on /dev/sda3 at {host}:9100 has only 12.34% available space left.",
            "runbook_url": "https://runbooks.prometheus-operator.dev/runbooks/node/nodefilesystemspacefillingup",
        },
        "startsAt": "2026-01-02T03:04:05.678Z",
        "endsAt": NOT_YET,
        "generatorURL": "http://prometheus.example.net:9090/graph?g0.expr=node_filesystem_avail_bytes&g0.tab=1",
        "fingerprint": f"{number:016x}",
    }


def event(number: int) -> dict[str, object]:
    """Make the same alert as a script reports it."""
    labels = alert(number)
    return {
        "device": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
        "alert_type": "storage_filesystem_filling_up",
        "severity": "warning",
        "resource": "/var",
        "title": "Filesystem is predicted to run out of space within the next 24 hours.",
        "message": str(labels["annotations"]),
        "tags": ["node", "ext4"],
    }


def bodies(form: str, kind: str, amount: int) -> Iterator[bytes]:
    """Make bodies without end; those of a storm are made once."""
    numbers: Iterator[int] = itertools.count()
    if kind == "storm":
        made = [_body(form, range(start, start + amount)) for start in range(0, FINGERPRINTS, amount)]
        return itertools.cycle(made)
    return (_body(form, itertools.islice(numbers, amount)) for _ in itertools.count())


def _body(form: str, numbers: Iterator[int] | range) -> bytes:
    if form == "event":
        return json.dumps([event(number) for number in numbers]).encode()
    alerts = [alert(number) for number in numbers]
    if form == "alertmanager":
        return json.dumps([{**one, "endsAt": "2099-01-01T00:00:00Z"} for one in alerts]).encode()
    group = {"version": "4", "groupKey": "{}:{}", "truncatedAlerts": 0, "status": "firing", "receiver": "r"}
    return json.dumps({**group, "externalURL": "http://am.example.net", "alerts": alerts}).encode()


async def post_all(
    url: str, made: Iterator[bytes], amount: int, connections: int, seconds: float, token: str
) -> int:
    """Post on some connections until the time is over; returns how many alerts were taken."""
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    end, taken = time.monotonic() + seconds, 0

    async def post(http: aiohttp.ClientSession) -> None:
        nonlocal taken
        while time.monotonic() < end:
            async with http.post(url, data=next(made)) as answer:
                await answer.read()
                answer.raise_for_status()
                taken += amount

    async with aiohttp.ClientSession(headers=headers) as http, asyncio.TaskGroup() as tasks:
        for _ in range(connections):
            tasks.create_task(post(http))
    return taken


if __name__ == "__main__":
    _, url, form, kind, amount, connections, seconds, *token = sys.argv
    made = bodies(form, kind, int(amount))
    print(asyncio.run(post_all(url, made, int(amount), int(connections), float(seconds), "".join(token))))
