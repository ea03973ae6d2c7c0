"""The version of what runs."""

from importlib.metadata import PackageNotFoundError, version


def _installed() -> str:
    try:
        return version("omni2")
    except PackageNotFoundError:
        return "0.1.0"


VERSION = _installed()
