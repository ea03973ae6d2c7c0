"""Routes of models, and the one that removes the demo."""

from typing import Annotated

from fastapi import APIRouter, Query

from omni2.hub.demo import remove_demo
from omni2.hub.deps import HubDep
from omni2.hub.model_rows import model_views
from omni2.hub.model_service import create_model, delete_model, patch_model, try_model, try_stored_model
from omni2.hub.schemas_models import ModelCreate, ModelPatch, ModelTest, ModelTestView, ModelView
from omni2.identity.deps import require
from omni2.identity.principal import Principal
from omni2.kernel.deps import ReadDep
from omni2.kernel.page import Page

router = APIRouter(prefix="/api", tags=["models"])

Reader = Annotated[Principal, require("models.read")]
Manager = Annotated[Principal, require("models.manage")]
ServerManager = Annotated[Principal, require("servers.manage")]
Force = Annotated[bool, Query(description="Save it although it does not answer.")]


@router.get("/models")
async def read_models(session: ReadDep, reader: Reader) -> Page[ModelView]:
    """List models: people see those that they may choose, who may read servers sees all of them in full."""
    items = await model_views(session, in_full=reader.may("servers.read"))
    return Page[ModelView](items=items)


@router.post("/models", status_code=201)
async def post_model(body: ModelCreate, hub: HubDep, admin: Manager, *, force: Force = False) -> ModelView:
    """Ask a model for one word, then save it."""
    return await create_model(hub, admin.actor, body, force=force)


@router.post("/models/test")
async def post_test(body: ModelTest, hub: HubDep, _: Manager) -> ModelTestView:
    """Ask a model for one word and save nothing."""
    return await try_model(hub, body)


@router.post("/models/{model_id}/test")
async def post_stored_test(model_id: str, hub: HubDep, _: Manager) -> ModelTestView:
    """Ask a saved model for one word."""
    return await try_stored_model(hub, model_id)


@router.patch("/models/{model_id}")
async def change_model(
    model_id: str, body: ModelPatch, hub: HubDep, admin: Manager, *, force: Force = False
) -> ModelView:
    """Change a model; a new key is tried first."""
    return await patch_model(hub, admin.actor, model_id, body, force=force)


@router.delete("/models/{model_id}", status_code=204)
async def remove_model(model_id: str, hub: HubDep, admin: Manager) -> None:
    """Remove a model."""
    await delete_model(hub, admin.actor, model_id)


@router.delete("/demo", status_code=204)
async def delete_demo(hub: HubDep, admin: ServerManager) -> None:
    """Remove the demo servers, and the demo model if a real one is there."""
    await remove_demo(hub, admin.actor)
