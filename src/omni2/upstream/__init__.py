"""The outside: MCP sessions and model adapters. Protocol only: no database, no principal."""
