"""A list of the API read whole, page after page."""

from collections.abc import Sequence
from typing import Any

from opsconductor.cli.terminal.api_client import ApiClient

Json = dict[str, Any]
PER_PAGE = 200


async def whole_list(client: ApiClient, path: str, query: Sequence[tuple[str, str]] = ()) -> list[Json]:
    """Return all rows of a list that has pages by number."""
    rows: list[Json] = []
    page = 1
    while True:
        answer = await client.get(path, [*query, ("page", str(page)), ("per_page", str(PER_PAGE))])
        rows += answer["data"]
        if not answer["data"] or len(rows) >= answer["meta"]["total"]:
            return rows
        page += 1
