"""omni2: a governed AI workspace and MCP hub."""
