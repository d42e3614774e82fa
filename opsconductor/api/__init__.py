"""REST API, live feed and the operators' page, on aiohttp."""
