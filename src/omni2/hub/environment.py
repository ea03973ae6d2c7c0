"""Models whose keys are in the environment: known from the start, the keys themselves never stored."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from omni2.catalog.models import Model, ModelProvider
from omni2.catalog.price import price_from_json
from omni2.hub.health import ITSELF
from omni2.hub.model_rows import ensure_provider, has_real_default, listed, make_default, new_model
from omni2.identity.epochs import bump
from omni2.kernel.db import Work
from omni2.kernel.journal import write_journal


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A provider, the variables that may hold its key, and the model that comes with it."""

    provider: str
    variables: tuple[str, ...]
    model: str


KNOWN_KEYS = (
    KnownKey("openai", ("OPENAI_API_KEY",), "gpt-6.1-terra"),
    KnownKey("anthropic", ("ANTHROPIC_API_KEY",), "claude-sonnet-5-5"),
    KnownKey("google", ("GEMINI_API_KEY", "GOOGLE_API_KEY"), "gemini-3.8-flash"),
)


async def adopt_environment(work: Work, environ: Mapping[str, str] | None = None) -> None:
    """Add a provider and a model for each key of the environment that is new; renew listed prices.

    A model that an admin deleted does not come back while its provider is known.
    """
    present = os.environ if environ is None else environ
    for known in KNOWN_KEYS:
        variable = next((name for name in known.variables if present.get(name)), None)
        if variable is not None:
            await _adopt(work, known, variable)
    await _renew_prices(work)


async def _adopt(work: Work, known: KnownKey, variable: str) -> None:
    provider = await ensure_provider(work, known.provider, None)
    if provider.key_source == "stored" or (provider.key_source, provider.env_key) == (
        "environment",
        variable,
    ):
        return
    unknown = provider.key_source == "none"
    provider.key_source, provider.env_key = "environment", variable
    await bump(work, "catalog")
    if not unknown or await _has_models(work, provider):
        return
    row = new_model(provider, known.model, None, None)
    work.session.add(row)
    if not await has_real_default(work.session):
        await make_default(work, row)
    words = f"Found {variable} in the environment and added the model {row.title}."
    write_journal(work, ITSELF, "model.created", words, subject_id=row.model_id)


async def _has_models(work: Work, provider: ModelProvider) -> bool:
    query = select(Model.model_id).where(Model.provider_id == provider.provider_id).limit(1)
    return await work.session.scalar(query) is not None


async def _renew_prices(work: Work) -> None:
    query = select(Model, ModelProvider).join(ModelProvider, ModelProvider.provider_id == Model.provider_id)
    for row, provider in (await work.session.execute(query.where(Model.demo.is_(False)))).all():
        price = price_from_json(row.price)
        if price is not None and price.source == "set":
            continue
        current = listed(provider, row.name)
        if price_from_json(current) != price:
            row.price = current
            await bump(work, "catalog")
