"""`omni2 explain`: why a person may or may not use a tool."""

from omni2.access.book import AccessBook
from omni2.access.effective import explain, get_person
from omni2.access.schemas import Explanation
from omni2.catalog.book import CatalogBook
from omni2.cli.context import DEFAULT_DATA, AsJson, Data, Office, require_user, run_in
from omni2.cli.output import line, refusing


@refusing
def explain_command(
    user: str, server: str, tool: str, data: Data = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """Say whether USER may call TOOL on SERVER, and which rule decides."""
    found = run_in(data, lambda office: _explain(office, user, server, tool))
    line(found.model_dump_json() if as_json else found.sentence)


async def _explain(office: Office, email: str, server: str, tool: str) -> Explanation:
    book = AccessBook(office.database, office.mirror, CatalogBook(office.database, office.mirror))
    async with office.database.read() as session:
        user = await require_user(session, email)
        person = await get_person(session, user.user_id)
    return await explain(book, person, server, tool)
