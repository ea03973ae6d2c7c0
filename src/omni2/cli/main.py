"""The command line: everything that a page does can be scripted.

Only the module of the command that was asked for is loaded, so that each starts as fast as it can.
"""

import sys
from importlib import import_module

import typer

GROUPS = ("admin", "user", "token", "server", "model", "usage", "audit", "flows")
COMMANDS = ("serve", "mcp", "explain", "doctor", "openapi")


def main() -> None:
    """Run the command line."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    build((wanted,) if wanted in {*GROUPS, *COMMANDS} else (*COMMANDS, *GROUPS))()


def build(names: tuple[str, ...]) -> typer.Typer:
    """Return the command line with these groups and commands."""
    app = typer.Typer(
        name="omni2",
        help="A governed AI workspace and MCP hub.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.callback()(_nothing)
    for name in names:
        module = import_module(f"omni2.cli.{name}")
        if name in GROUPS:
            app.add_typer(module.app, name=name)
        else:
            app.command(name)(getattr(module, f"{name}_command"))
    return app


def _nothing() -> None:
    """A governed AI workspace and MCP hub."""
