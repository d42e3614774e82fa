"""Texts that users read are in plain English: they name the subject instead of "nobody" or "whoever"."""

import re
from pathlib import Path

import pytest

from tests.architecture.test_documents import ROOT, tracked

REFUSED = re.compile(r"\b(?:whoever|nobody|tells?|told|telling)\b", re.IGNORECASE)
"""Name the subject: "no notification is sent", "the command prints", "users who may"."""
READ = ("*.md", "etc/*", "connectors/*/sample.yaml", "mibs/OPSCONDUCTOR-MIB.txt", "systemd/*")
EXCEPTIONS: dict[str, str] = {}
"""Lines that may have such a word: the text, and why it stays."""


def refused_in(path: Path) -> list[str]:
    """List the lines of a file that have such a word, except the exceptions."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        rest = line
        for text in EXCEPTIONS:
            rest = rest.replace(text, "")
        found += [f"{path.relative_to(ROOT)}:{number}: {each.group()}" for each in REFUSED.finditer(rest)]
    return found


@pytest.mark.parametrize("patterns", [READ], ids=["documents"])
def test_texts_name_their_subject(patterns: tuple[str, ...]) -> None:
    """Documents, and the files that users copy, have none of the words."""
    assert [line for path in tracked(*patterns) for line in refused_in(path)] == []
