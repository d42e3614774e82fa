"""Everything that talks to the outside, in or out: the visible list of connectors.

Third parties add theirs through the entry-point group `opsconductor.connectors`.
"""

from opsconductor.connector.interface import Kind

SOURCES: dict[str, Kind] = {}
INVENTORIES: dict[str, Kind] = {}
CHANNELS: dict[str, Kind] = {}
