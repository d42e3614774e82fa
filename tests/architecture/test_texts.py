"""Texts that users read are in plain English: they name the subject instead of "nobody" or "whoever"."""

import re
from pathlib import Path

import pytest

from tests.architecture.test_documents import ROOT, tracked

REFUSED = re.compile(r"\b(?:whoever|nobody|tells?|told|telling)\b", re.IGNORECASE)
"""Name the subject: "no notification is sent", "the command prints", "users who may"."""
READ = {
    "documents": ("*.md", "etc/*", "connectors/*/sample.yaml", "mibs/OPSCONDUCTOR-MIB.txt", "systemd/*"),
    "page": (
        "opsconductor/web/templates/*.html",
        "opsconductor/web/static/*.js",
        "opsconductor/web/static/*.css",
    ),
    "commands": (
        "docs/opsconductor.1",
        "opsconductor/cli/*.py",
        "opsconductor/api/*.py",
        "opsconductor/web/*.py",
    ),
}
FOREIGN = "opsconductor/web/static/vendor/"
"""Libraries of others, as they ship."""


def refused_in(path: Path) -> list[str]:
    """List the lines of a file that have such a word."""
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    return [
        f"{path.relative_to(ROOT)}:{number}: {each.group()}"
        for number, line in lines
        for each in REFUSED.finditer(line)
    ]


@pytest.mark.parametrize("patterns", READ.values(), ids=READ.keys())
def test_texts_name_their_subject(patterns: tuple[str, ...]) -> None:
    """Documents, page, commands and API have none of the words; neither have their modules."""
    read = [path for path in tracked(*patterns) if not str(path.relative_to(ROOT)).startswith(FOREIGN)]
    assert len(read) > 0
    assert [line for path in read for line in refused_in(path)] == []
