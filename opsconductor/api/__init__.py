"""The REST API, the live feed and the operator's page on aiohttp."""
