"""The table of docs/notifications.md agrees with the traits of each channel."""

from pathlib import Path

import yaml

import connectors
from connectors import CHANNELS
from opsconductor.connector.channel_traits import ChannelTraits

ROOT = Path(__file__).parents[2]
HEADING = "## What each channel can do\n"
YES, NO = "yes", ""
WITHOUT_LIMIT = ""


def traits_by_sample(name: str) -> ChannelTraits:
    """Return the traits of a channel as its sample configures it."""
    channel_type = CHANNELS[name]
    folder = Path(connectors.__file__).parent / name
    rows = yaml.safe_load((folder / "sample.yaml").read_text(encoding="utf-8"))["connectors"]
    config = next(row["config"] for row in rows if row["type"] == name)
    return channel_type.traits_of(channel_type.config.model_validate(config))


def row_of(name: str) -> str:
    """Return the row of a channel."""
    traits = traits_by_sample(name)
    abilities = [YES if can else NO for can in (traits.updates, traits.threads, traits.keeps_open)]
    back = traits.acknowledge_back or ("to the receiver" if traits.acknowledges else NO)
    limits = [
        WITHOUT_LIMIT if limit is None else f"{limit:,g}" if limit < 1_000 else f"{limit:,}"
        for limit in (traits.longest_text, traits.per_s, traits.at_once)
    ]
    cells = [f"[{name}](../connectors/{name}/README.md)", *abilities, back, *limits]
    return f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |")


def test_the_table_is_that_of_the_traits() -> None:
    """One row for each channel; when it differs, the failure shows the right rows to copy."""
    section = (ROOT / "docs" / "notifications.md").read_text(encoding="utf-8").split(HEADING, 1)[1]
    shown = [line for line in section.split("\n## ")[0].splitlines() if line.startswith("| [")]
    assert "\n".join(shown) == "\n".join(row_of(name) for name in sorted(CHANNELS))
