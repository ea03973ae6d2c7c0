"""The version of what runs."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("omni2")
except PackageNotFoundError:
    VERSION = "0.1.0"
