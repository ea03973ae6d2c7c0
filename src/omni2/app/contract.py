"""The contract as one OpenAPI document: the routes, and the socket's frames as component schemas."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from omni2.app.main import create_api
from omni2.chat.frames import ChatFrames
from omni2.flows.checkpoints import Checkpoint
from omni2.insight.watch_frames import WatchFrames
from omni2.kernel.settings import Settings

_EXTRA: tuple[type[BaseModel], ...] = (ChatFrames, WatchFrames, Checkpoint)


def openapi_document() -> dict[str, Any]:
    """Return the document; the same code gives the same bytes."""
    api: FastAPI = create_api(Settings())
    document = api.openapi()
    _, schemas = models_json_schema(
        [(model, "serialization") for model in _EXTRA], ref_template="#/components/schemas/{model}"
    )
    document.setdefault("components", {}).setdefault("schemas", {}).update(schemas.get("$defs", {}))
    return document
