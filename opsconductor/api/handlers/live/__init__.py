"""The live feed: changed alerts as server-sent events and over a WebSocket."""
