"""Documents name what exists: links and paths lead somewhere, and no page outside is cited."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")
NAMED = re.compile(
    r"`((?:opsconductor|connectors|tests|migrations|mibs|etc|systemd|docs)/[\w./-]+|\.ci/run)(?::\w+)?`"
)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
EXAMPLES = ("tests/connectors/NAME/",)
OWNED = frozenset({"tests/architecture/test_documents.py"})
ABSENT = re.compile(
    r"vendor.facts|house\.md|\bstyle\.md|\bdesign\.md|\bdesign, section|\bof the design\b", re.IGNORECASE
)
"""Pages that the code was once written by and that are not in the repository."""


def tracked(*patterns: str) -> list[Path]:
    """List the files of the repository that match."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page as hosting sites make them of its headings."""
    found = HEADING.findall(page.read_text(encoding="utf-8"))
    words = (re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", heading).lower()) for heading in found)
    return {heading.replace(" ", "-") for heading in words}


def name_of(page: Path) -> str:
    """Name a case by its path in the repository."""
    return str(page.relative_to(ROOT))


PAGES = tracked("*.md")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_of_a_page_lead_to_a_file_and_a_heading(page: Path) -> None:
    """Every relative link of a page names a file that exists, and its anchor a heading of that file."""
    broken = []
    for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        if ":" in target:
            continue
        file = page if not target else (page.parent / target).resolve()
        is_broken = not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file))
        if is_broken:
            broken.append(f"{target}#{anchor}")
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_paths_that_a_page_names_exist(page: Path) -> None:
    """A path that a page names in backticks exists, so that the text follows when files move."""
    named = NAMED.findall(page.read_text(encoding="utf-8"))
    places = [path.partition("*")[0].rstrip("/.") for path in named if not path.startswith(EXAMPLES)]
    assert [path for path in places if not (ROOT / path).exists()] == []


def test_no_page_outside_of_the_repository_is_cited() -> None:
    """Code, tests and documents cite nothing that a reader of the repository cannot open."""
    citing = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in tracked("*.py", "*.md", "*.toml", "*.yaml", "*.yml", "*.sql", "Makefile")
        if str(path.relative_to(ROOT)) not in OWNED
        for found in ABSENT.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert citing == []
