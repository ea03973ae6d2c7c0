"""The demo shop as a stdio MCP server: `python -m omni2.demo.shop --db PATH`."""

import argparse
import asyncio
import json
import sqlite3
from pathlib import Path
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp.server.stdio import stdio_server

from omni2.demo.shop_data import open_shop
from omni2.demo.shop_queries import ShopError
from omni2.demo.shop_tools import TOOLS, ShopTool


def shop_server(shop: sqlite3.Connection) -> Server[Any]:
    """Return the MCP server over an open shop."""
    tools = {tool.tool.name: tool for tool in TOOLS}

    async def on_list_tools(
        context: ServerRequestContext[Any], params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[entry.tool for entry in tools.values()])

    async def on_call_tool(
        context: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        entry = tools.get(params.name)
        if entry is None:
            return _failure(f"There is no tool {params.name}.")
        return _run(entry, shop, params.arguments or {})

    return Server("demo-shop", version="1", on_list_tools=on_list_tools, on_call_tool=on_call_tool)


def _run(entry: ShopTool, shop: sqlite3.Connection, arguments: dict[str, Any]) -> types.CallToolResult:
    fault = next(iter(entry.arguments.iter_errors(arguments)), None)
    if fault is not None:
        return _failure(f"The arguments do not fit: {fault.message}")
    try:
        result = entry.run(shop, **arguments)
    except (ShopError, sqlite3.Error) as error:
        return _failure(str(error))
    text = json.dumps(result, ensure_ascii=False)
    return types.CallToolResult(content=[types.TextContent(text=text)], structured_content=result)


def _failure(words: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=words)], is_error=True)


async def serve(path: Path) -> None:
    """Serve the shop at `path` over stdin and stdout until stdin ends."""
    shop = open_shop(path)
    server = shop_server(shop)
    try:
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())
    finally:
        shop.close()


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="A made-up shop as an MCP server over stdio.")
    parser.add_argument("--db", type=Path, required=True, help="the SQLite file; made and filled if new")
    asyncio.run(serve(parser.parse_args().db))


if __name__ == "__main__":
    main()
