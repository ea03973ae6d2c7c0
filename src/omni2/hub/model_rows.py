"""Rows of models and providers: one default, one key a provider, prices from the list."""

import os

from pydantic import JsonValue
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.catalog.book import model_entry
from omni2.catalog.entries import ModelEntry
from omni2.catalog.models import Model, ModelProvider
from omni2.hub.schemas_models import ModelView
from omni2.kernel.db import Work
from omni2.kernel.errors import not_found
from omni2.kernel.ids import new_id, now
from omni2.kernel.journal import Actor
from omni2.kernel.secrets import Sealer
from omni2.upstream.targets import provider_context
from omni2.usage.prices import list_price

TITLES = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "google": "Google",
    "openai_compatible": "OpenAI-compatible",
    "demo": "Demo",
}


async def get_model(session: AsyncSession, model_id: str) -> tuple[Model, ModelProvider]:
    """Return a model and its provider; raise `Problem` 404."""
    query = select(Model, ModelProvider).join(ModelProvider, ModelProvider.provider_id == Model.provider_id)
    row = (await session.execute(query.where(Model.model_id == model_id))).one_or_none()
    if row is None:
        raise not_found("model")
    return row


async def find_provider(session: AsyncSession, kind: str, base_url: str | None) -> ModelProvider | None:
    """Return the provider of this kind at this address."""
    query = select(ModelProvider).where(
        ModelProvider.kind == kind, ModelProvider.base_url == (base_url or "")
    )
    return await session.scalar(query)


async def ensure_provider(work: Work, kind: str, base_url: str | None) -> ModelProvider:
    """Return the provider of this kind at this address, added without a key if there is none."""
    row = await find_provider(work.session, kind, base_url)
    if row is None:
        row = ModelProvider(
            provider_id=new_id(),
            kind=kind,
            base_url=base_url or "",
            title=TITLES[kind] if not base_url else f"{TITLES[kind]} at {base_url}"[:100],
            key_source="none",
            created_at=now(),
        )
        work.session.add(row)
        await work.session.flush()
    return row


def seal_key(row: ModelProvider, sealer: Sealer, key: str, actor: Actor) -> None:
    """Store a provider's key, sealed, in the place of any other."""
    row.sealed_key = sealer.seal(key, provider_context(row.provider_id))
    row.key_source, row.env_key = "stored", None
    row.key_set_at, row.key_set_by = now(), actor.name


def new_model(provider: ModelProvider, name: str, title: str | None, max_output_tokens: int | None) -> Model:
    """Return a model of a provider at its listed price."""
    return Model(
        model_id=new_id(),
        provider_id=provider.provider_id,
        name=name,
        title=title or name[:100],
        is_default=False,
        enabled=True,
        demo=provider.kind == "demo",
        max_output_tokens=max_output_tokens,
        price=listed(provider, name),
        created_at=now(),
    )


def listed(provider: ModelProvider, name: str) -> JsonValue:
    """Return the stored form of the listed price of a model, None without one."""
    price = list_price(provider.kind, name, provider.base_url or None)
    return price.to_json() if price is not None else None


async def make_default(work: Work, row: Model) -> None:
    """Let `row` be the only default."""
    await work.session.flush()
    await work.session.execute(update(Model).where(Model.model_id != row.model_id).values(is_default=False))
    row.is_default = True


async def has_real_default(session: AsyncSession) -> bool:
    """Whether an enabled model other than the demo one is the default."""
    query = select(Model.model_id).where(
        Model.is_default.is_(True), Model.demo.is_(False), Model.enabled.is_(True)
    )
    return await session.scalar(query) is not None


async def choose_default(work: Work) -> None:
    """Let the oldest enabled model be the default, a real one before the demo one, if there is none."""
    await work.session.flush()
    rows = (await work.session.scalars(select(Model).where(Model.enabled.is_(True)))).all()
    if rows and not any(row.is_default for row in rows):
        await make_default(work, min(rows, key=lambda row: (row.demo, row.created_at, row.model_id)))


async def delete_model_row(work: Work, row: Model, provider: ModelProvider) -> None:
    """Delete a model, and its provider with the last one; those that omni2 added by itself stay known."""
    await work.session.delete(row)
    await work.session.flush()
    query = select(func.count()).select_from(Model).where(Model.provider_id == provider.provider_id)
    found_by_itself = provider.kind == "demo" or provider.key_source == "environment"
    if not await work.session.scalar(query) and not found_by_itself:
        await work.session.delete(provider)
    await choose_default(work)


async def model_views(session: AsyncSession, *, in_full: bool) -> list[ModelView]:
    """Return all models; without `in_full` only enabled ones, without addresses and names of admins."""
    query = select(Model, ModelProvider).join(ModelProvider, ModelProvider.provider_id == Model.provider_id)
    query = query.order_by(Model.demo, Model.title, Model.model_id)
    if not in_full:
        query = query.where(Model.enabled.is_(True))
    return [model_view(*row, in_full=in_full) for row in (await session.execute(query))]


def model_view(row: Model, provider: ModelProvider, *, in_full: bool = True) -> ModelView:
    """Return a model as it is shown."""
    entry = model_entry(row, provider)
    return ModelView.model_validate(
        {
            "model_id": entry.model_id,
            "provider": entry.provider,
            "provider_title": TITLES[entry.provider] if not in_full else entry.provider_title,
            "name": entry.name,
            "title": entry.title,
            "is_default": entry.is_default,
            "demo": entry.demo,
            "enabled": entry.enabled,
            "base_url": entry.base_url if in_full else None,
            "key": {
                "source": _source(entry),
                "set_at": provider.key_set_at if in_full else None,
                "set_by": provider.key_set_by if in_full else None,
            },
            "price": entry.price.to_json() if entry.price is not None else None,
            "max_output_tokens": entry.max_output_tokens,
        }
    )


def _source(entry: ModelEntry) -> str:
    gone = entry.key_source == "environment" and not os.environ.get(entry.env_key or "")
    return "none" if gone else entry.key_source
