"""The MCP door: Streamable HTTP at `/mcp`, three revisions at one address. It adds no rule."""
