"""`omni2 openapi`: the contract, for generating clients."""

import json

from omni2.app.contract import openapi_document
from omni2.cli.output import line, refusing


@refusing
def openapi_command() -> None:
    """Print the OpenAPI document, socket frames included."""
    line(json.dumps(openapi_document(), indent=2, sort_keys=True))
