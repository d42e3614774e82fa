"""`opsconductor mcp`: the API as tools of the Model Context Protocol, for assistants."""
