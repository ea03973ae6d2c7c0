"""The first frame of a chat: who you are, what you may ask, what is left."""

from omni2.access.book import AccessBook
from omni2.catalog.book import CatalogBook
from omni2.chat.frames import ModelOption, Welcome
from omni2.conversations.steps import title_of
from omni2.identity.principal import Principal
from omni2.usage.budgets import Budgets

WORDS = "What would you like to know? Tools are called only where you may; every step is on record."


class Greeting:
    """Knows the suggested prompts, each with the server that it needs."""

    def __init__(
        self,
        access: AccessBook,
        catalog: CatalogBook,
        budgets: Budgets,
        suggestions: tuple[tuple[str, str], ...],
    ) -> None:
        self._access = access
        self._catalog = catalog
        self._budgets = budgets
        self._suggestions = suggestions

    async def welcome(self, principal: Principal) -> dict[str, object]:
        """Return the frame; only prompts whose server the person may use are suggested."""
        snapshot = await self._catalog.snapshot()
        access = await self._access.of(principal)
        window = await self._budgets.window(principal.user_id)
        default = snapshot.default_model()
        models = [
            ModelOption(model_id=m.model_id, title=m.title, demo=m.demo, is_default=m is default)
            for m in snapshot.models.values()
            if m.enabled
        ]
        usable = {server.slug for _, server, _ in access.offered}
        frame = Welcome(
            user_id=principal.user_id,
            name=principal.name,
            message=WORDS,
            suggestions=[prompt for server, prompt in self._suggestions if server in usable],
            models=models,
            remaining_micros=window.remaining_micros,
            limit_micros=window.limit_micros,
            resets_at=window.resets_at,
            credit_micros=self._budgets.credit_micros,
        )
        return frame.model_dump(mode="json")

    def title(self, text: str) -> str:
        """Return the title of a conversation that starts with `text`."""
        return title_of(text)
