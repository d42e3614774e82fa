"""Shapes of PRTG's notifications: `posts/SHAPE/input.txt` is the body, `expected.json` the fields in it."""

import json
from pathlib import Path

import pytest

from connectors.prtg.post import fields_of, known_fields

POSTS = sorted(path.parent for path in Path(__file__).parent.glob("posts/*/input.txt"))


@pytest.mark.parametrize("post", POSTS, ids=lambda path: path.name)
def test_a_body_has_the_fields_that_its_case_lists(post: Path) -> None:
    """The fields are read from the recorded body."""
    expected = json.loads((post / "expected.json").read_text(encoding="utf-8"))
    assert known_fields(fields_of((post / "input.txt").read_bytes(), {})) == expected
