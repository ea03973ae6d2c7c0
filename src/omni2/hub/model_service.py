"""Adding, testing, changing and removing models: asked for one word first, saved afterwards."""

from dataclasses import replace

from sqlalchemy.exc import IntegrityError

from omni2.catalog.book import model_entry
from omni2.catalog.models import Model, ModelProvider
from omni2.hub.hub import Hub
from omni2.hub.model_rows import (
    choose_default,
    delete_model_row,
    ensure_provider,
    find_provider,
    get_model,
    has_real_default,
    listed,
    make_default,
    model_view,
    new_model,
    seal_key,
)
from omni2.hub.schemas_models import ModelCreate, ModelPatch, ModelTest, ModelTestView, ModelView
from omni2.hub.told import model_changed
from omni2.identity.epochs import bump
from omni2.kernel.db import Work
from omni2.kernel.errors import Problem, invalid
from omni2.kernel.ids import new_id
from omni2.kernel.journal import Actor, write_journal
from omni2.upstream.net import check_url
from omni2.upstream.ports import ModelTarget
from omni2.upstream.targets import MODEL_TIMEOUT_MS, model_target
from omni2.usage.prices import set_price


async def try_model(hub: Hub, body: ModelTest) -> ModelTestView:
    """Ask a model that is not saved for one word; a failure is an answer too."""
    try:
        return ModelTestView(ok=True, latency_ms=await _ask(hub, await _target(hub, body)))
    except Problem as problem:
        return ModelTestView(ok=False, code=problem.code, detail=problem.detail)


async def try_stored_model(hub: Hub, model_id: str) -> ModelTestView:
    """Ask a saved model for one word."""
    async with hub.database.read() as session:
        entry = model_entry(*await get_model(session, model_id))
    try:
        return ModelTestView(ok=True, latency_ms=await _ask(hub, model_target(entry, hub.sealer)))
    except Problem as problem:
        return ModelTestView(ok=False, code=problem.code, detail=problem.detail)


async def create_model(hub: Hub, actor: Actor, body: ModelCreate, *, force: bool) -> ModelView:
    """Add a model that answers, or with `force` one that does not."""
    await _require_answer(hub, await _target(hub, body), force=force)
    async with hub.database.work() as work:
        provider = await ensure_provider(work, body.provider, body.base_url)
        if body.key is not None:
            seal_key(provider, hub.sealer, body.key, actor)
        row = new_model(provider, body.name, body.title, body.max_output_tokens)
        first = body.default is None and not await has_real_default(work.session)
        work.session.add(row)
        await _flush(work, body.name)
        if body.default or first:
            await make_default(work, row)
        await _note(work, actor, "model.created", f"Added the model {row.title}.", row)
        view = model_view(row, provider)
    await hub.settle()
    return view


async def patch_model(hub: Hub, actor: Actor, model_id: str, body: ModelPatch, *, force: bool) -> ModelView:
    """Change a model; a new key is tried first and then holds for all models of the provider."""
    if body.key is not None:
        await _try_key(hub, model_id, body.key, force=force)
    async with hub.database.work() as work:
        row, provider = await get_model(work.session, model_id)
        if body.key is not None:
            seal_key(provider, hub.sealer, body.key, actor)
        _apply(row, provider, body)
        if row.is_default and (body.is_default is False or not row.enabled):
            row.is_default = False
        if body.is_default and row.enabled:
            await make_default(work, row)
        await choose_default(work)
        await _note(work, actor, "model.changed", model_changed(row, body), row)
        view = model_view(row, provider)
    await hub.settle()
    return view


async def delete_model(hub: Hub, actor: Actor, model_id: str) -> None:
    """Remove a model, and the stored key with the last model of a provider."""
    async with hub.database.work() as work:
        row, provider = await get_model(work.session, model_id)
        await _note(work, actor, "model.deleted", f"Removed the model {row.title}.", row)
        await delete_model_row(work, row, provider)
    await hub.settle()


async def _target(hub: Hub, body: ModelTest) -> ModelTarget:
    """Return how an unsaved model would be reached, with the key of its provider if none is given."""
    if body.provider == "openai_compatible" and not body.base_url:
        raise invalid("base_url", "Give the URL of the server, such as http://127.0.0.1:11434/v1.")
    if body.base_url:
        await _check_address(body.base_url)
    async with hub.database.read() as session:
        provider = await find_provider(session, body.provider, body.base_url)
    if body.key is None and provider is not None:
        entry = model_entry(_unsaved(provider, body.name), provider)
        return model_target(entry, hub.sealer)
    return ModelTarget(body.provider, body.name, body.base_url, body.key, MODEL_TIMEOUT_MS)


async def _check_address(base_url: str) -> None:
    """Refuse what omni2 never reaches; a name that cannot be resolved now is left to the test."""
    try:
        await check_url(base_url, allow_private=True)
    except Problem as problem:
        if problem.code == "url_refused":
            raise Problem(problem.code, 422, problem.detail, field="base_url") from problem


def _unsaved(provider: ModelProvider, name: str) -> Model:
    return Model(
        model_id=new_id(),
        provider_id=provider.provider_id,
        name=name,
        title=name,
        is_default=False,
        enabled=True,
        demo=False,
    )


async def _ask(hub: Hub, target: ModelTarget) -> int:
    return round(await hub.models.probe_model(target))


async def _try_key(hub: Hub, model_id: str, key: str, *, force: bool) -> None:
    async with hub.database.read() as session:
        row, provider = await get_model(session, model_id)
    if row.demo:
        raise invalid("key", "The demo model takes no key.")
    entry = replace(model_entry(row, provider), key_source="none", sealed_key=None)
    await _require_answer(hub, replace(model_target(entry, hub.sealer), api_key=key), force=force)


async def _require_answer(hub: Hub, target: ModelTarget, *, force: bool) -> None:
    try:
        await _ask(hub, target)
    except Problem as problem:
        if not (force and problem.code.startswith("model_")):
            raise Problem(problem.code, 422, problem.detail, **problem.extra) from problem


async def _flush(work: Work, name: str) -> None:
    try:
        await work.session.flush()
    except IntegrityError as error:
        detail = f"The model {name} of this provider is already there."
        raise Problem("model_exists", 409, detail, field="name") from error


def _apply(row: Model, provider: ModelProvider, body: ModelPatch) -> None:
    row.title = body.title or row.title
    row.enabled = row.enabled if body.enabled is None else body.enabled
    if "price" not in body.model_fields_set:
        return
    if row.demo:
        raise invalid("price", "The demo model costs one credit a message.")
    if body.price is None:
        row.price = listed(provider, row.name)
        return
    wanted = body.price
    price = set_price(wanted.input_micros_per_mtok, wanted.output_micros_per_mtok, wanted.per_message_micros)
    row.price = price.to_json()


async def _note(work: Work, actor: Actor, kind: str, words: str, row: Model) -> None:
    write_journal(
        work, actor, kind, words, subject_id=row.model_id, data={"name": row.name, "title": row.title}
    )
    await bump(work, "catalog")
