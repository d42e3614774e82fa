"""The API does what its OpenAPI document says: schemathesis makes up requests and compares."""

import asyncio
import os
import sys
from pathlib import Path

from aiohttp import ClientSession

from tests.support.api.api_stage import Caller, Stage, caller, problem

pytest_plugins = ["tests.integration.api_fixtures"]

IS_LONG = "FUZZ_SECONDS" in os.environ
PHASES = (
    ("--phases", "examples,coverage,fuzzing", "--max-examples", "30")
    if IS_LONG
    else ("--phases", "examples,coverage", "--mode", "positive")
)
"""Valid values at every bound of every parameter: 2,400 requests.

`make fuzz` adds invalid ones and makes up others, which takes minutes.
"""
ALIKE = (
    "^post_alerts_bulk_(?!acknowledge$)|^get_devices_name_alerts$"
    "|^(post|put|patch)_(alert_rules|machine_configurations|api_keys|models|roles|users)(_name|_try)?$"
)
"""Operations for `make fuzz` alone.

The first take the filter of `post_alerts_bulk_acknowledge` and of `get_alerts`, by the same code: 1,500
requests. The others are an administrator's: each of 600 requests would be refused before it is read.
"""
CONFIGURATION = """
[checks]
negative_data_rejection.expected-statuses = ["4xx", "5xx"]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", 401, 403, 404, 409, 413, 429, "5xx"]

[[operations]]
include-path-regex = "/(rules/(test|who)|alert-rules/try|analyses|analyses/.*/rerun|maintenance|metrics)$"
checks.positive_data_acceptance.expected-statuses = ["2xx", "3xx", "4xx", "5xx"]
"""
"""What schemathesis expects by itself, and 413: the limit of a body is a setting, and low in these tests.

What a provisioning file holds, and settings of which one limits another, are judged by more than a schema.
"""
FEEDS = "^get_(alerts_stream|ws_alerts)$"
OF_CONFIGURATION = (
    "_(config|oid_mappings_own|notifications_(rules|policies|schedules)|people|teams)(_|$)"
    "|^(post|put|patch|delete)_(devices|dependencies|connectors)(_name|_bulk)?$"
)
CHOSEN = "_config_(devices(_name)?|apply)$|^(post|put|patch|delete)_devices(_name)?$|_dependencies_bulk$"
"""Operations of the configuration; those of other tables are made by the same code."""


async def test_made_up_requests_find_no_difference(stage: Stage, operator: Caller, tmp_path: Path) -> None:
    """Valid requests are taken, every answer has its declared form, none is a 500.

    With `make fuzz`, invalid requests are refused.

    Left out: the live feeds, which never end, and the check of missing keys, which the tests of
    access make for every endpoint; that what was deleted is gone, for a test of rules that is stopped stays.
    """
    await stage.report(problem("a"), problem("b", device_ip="10.0.0.1"))
    rest = "" if IS_LONG else f"|{ALIKE}"
    left_out = ("--exclude-operation-id-regex", f"{FEEDS}|{OF_CONFIGURATION}{rest}")
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)
    await found_none(operator, tmp_path, *PHASES, *left_out)


async def test_made_up_configuration_finds_no_difference(
    stage: Stage, http: ClientSession, url: str, tmp_path: Path
) -> None:
    """Every answer of those who may change the configuration has its declared form, none is a 500.

    What is accepted is judged by more than a schema: references, and short forms as in files.
    """
    admin = await caller(stage, http, url, "admin")
    left_out = ("--exclude-checks", "negative_data_rejection,positive_data_acceptance")
    options = ("--phases", "coverage", "--include-operation-id-regex", CHOSEN, *left_out)
    await found_none(admin, tmp_path, *options)


async def found_none(someone: Caller, folder: Path, *options: str) -> None:
    """Run schemathesis, and expect that it finds nothing."""
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("schemathesis"),
        "run",
        f"{someone.url}/api/v1/system/openapi.json",
        *("--header", f"Authorization: Bearer {someone.key}"),
        # on a busy machine
        *("--suppress-health-check", "too_slow", "--request-timeout", "120"),
        *("--checks", "all", "--exclude-checks", "ignored_auth,use_after_free"),
        *("--seed", "1", "--generation-deterministic", "--no-color", *options),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()[:5000]
