"""Findings that begin together, as groups: the same on many devices, else those of one device."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import Final

from opsconductor.app.detecting.episode import Episode

FEWEST_DEVICES: Final = 3
"""Number of devices with the same finding that are one group: a fleet, a site, a firmware."""


def groups_of(episodes: Sequence[Episode]) -> list[list[Episode]]:
    """Return groups, the rarest of each first: many devices with one kind of finding, else each device."""
    by_kind: dict[Hashable, list[Episode]] = defaultdict(list)
    for each in episodes:
        by_kind[_common(each)].append(each)
    groups, taken = [], set()
    for alike in by_kind.values():
        if len({each.place.device_key for each in alike}) >= FEWEST_DEVICES:
            groups.append(alike)
            taken |= {id(each) for each in alike}
    by_device: dict[str, list[Episode]] = defaultdict(list)
    for each in episodes:
        if id(each) not in taken:
            by_device[each.place.device_key].append(each)
    return [sorted(group, key=_order) for group in (*groups, *by_device.values())]


def fleet_of(group: Sequence[Episode], leaders: Iterable[Episode], join_s: float) -> Episode | None:
    """Return the leader of a group of many devices that has the same in common and began shortly before."""
    first = group[0]
    return next(
        (
            each
            for each in leaders
            if each is not first
            and len(each.members) + 1 >= FEWEST_DEVICES
            and _common(each) == _common(first)
            and 0 <= first.began_at - each.began_at <= join_s
        ),
        None,
    )


def _common(episode: Episode) -> tuple[str, str, bool]:
    facts = episode.explanation
    what = f"test {facts.channel}" if episode.is_device else episode.place.metric
    return what, facts.direction, facts.channel == "missing"


def _order(episode: Episode) -> tuple[float, int]:
    return -episode.own_rarity, episode.series
