"""Golden cases of channels: the requests of a notification, and the result of each answer.

A new case is one file and no code, see `tests/support/notify/sent_cases.py`; the failure shows what is sent.
"""

from pathlib import Path

import pytest

from tests.support.notify.sent_cases import cases_of_channels, outcome_of_sending, read_case

HERE = Path(__file__).parent
GIVEN = {"description", "config", "notification", "answers"}


@pytest.mark.parametrize(
    "path", cases_of_channels(HERE), ids=lambda path: f"{path.parent.parent.name}-{path.stem}"
)
async def test_sent_requests_are_those_of_the_case(path: Path) -> None:
    """Requests, receipt, and the error that an answer means, over a real connection."""
    case = read_case(path)
    expected = {name: value for name, value in case.items() if name not in GIVEN}
    found = await outcome_of_sending(case, path.parent.parent.name)
    assert {name: value for name, value in found.items() if name in expected} == expected
    assert {"receipt", "unreachable", "rejected"} & set(expected) & set(found)
