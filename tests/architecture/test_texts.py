"""Texts that users read are in the language of the code: documents, page and manual."""

from pathlib import Path

import pytest

from tests.architecture.test_documents import ROOT, tracked
from tests.architecture.test_language import REFUSED, WRITTEN

READ = {
    "documents": ("*.md", "etc/*", "connectors/*/sample.yaml", "mibs/OPSCONDUCTOR-MIB.txt"),
    "page": (
        "opsconductor/web/templates/*.html",
        "opsconductor/web/static/*.js",
        "opsconductor/web/static/*.css",
    ),
    "manual": ("docs/opsconductor.1",),
}
"""Python code and SQL have tests of their own in `test_language.py`."""
FOREIGN = "opsconductor/web/static/vendor/"
"""Libraries of others, as they ship."""


def refused_in(path: Path) -> list[str]:
    """List the refused words of a file, with what to write instead."""
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    return [
        f"{path.relative_to(ROOT)}:{number} {word.group()}: write {REFUSED[word.group().lower()]}"
        for number, line in lines
        for word in WRITTEN.finditer(line)
    ]


@pytest.mark.parametrize("patterns", READ.values(), ids=READ.keys())
def test_no_text_for_users_has_a_refused_word(patterns: tuple[str, ...]) -> None:
    """A document, a text of the page or of a command names who does what, in the field's words."""
    read = [path for path in tracked(*patterns) if not str(path.relative_to(ROOT)).startswith(FOREIGN)]
    assert len(read) > 0
    assert [line for path in read for line in refused_in(path)] == []
