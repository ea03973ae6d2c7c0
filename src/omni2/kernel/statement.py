"""Statements that take any number of rows at once, written once for both databases."""

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """SQL over a table of parameters, `WITH given (...) AS ({rows})`, one row for each step.

    What many callers ask for is then one statement instead of one each. It may depend on its own row and on
    what the database holds, but not on the other rows. `types` are those of its columns, as PostgreSQL
    calls them.
    """

    template: str
    types: tuple[str, ...]

    @lru_cache(maxsize=256)  # noqa: B019 statements live as long as the process
    def sqlite(self, rows: int) -> str:
        """Return the statement for so many rows; it takes their parameters, row by row."""
        row = f"({', '.join('?' * len(self.types))})"
        return self.template.format(rows=f"VALUES {', '.join([row] * rows)}")

    @lru_cache(maxsize=256)  # noqa: B019
    def postgres(self) -> str:
        """Return the statement for any number of rows; it takes a list of parameters for each column."""
        columns = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(self.types, 1))
        return self.template.format(rows=f"SELECT * FROM unnest({columns})")  # noqa: S608 our own words
