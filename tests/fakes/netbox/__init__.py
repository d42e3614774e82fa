"""A NetBox 4.x for tests: real shapes, real paging, real refusals; see server.py and estate.py."""
