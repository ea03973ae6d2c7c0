"""The declarative base and the column types that both databases share."""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import BigInteger, Dialect, Integer, MetaData, Text
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from omni2.kernel.ids import from_micros, to_micros
from omni2.kernel.jsons import dumps, loads

# An append-only integer key of the application's; on SQLite it is the row's own id and costs no index.
Key = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """The base of every table of the project."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Utc(TypeDecorator[datetime]):
    """An aware UTC time, stored as integer microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return what is stored."""
        del dialect
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Return what was meant."""
        del dialect
        return None if value is None else from_micros(value)


class Json(TypeDecorator[JsonValue]):
    """A JSON value, stored as text on both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: JsonValue, dialect: Dialect) -> str | None:
        """Return what is stored."""
        del dialect
        return None if value is None else dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> JsonValue:
        """Return what was meant."""
        del dialect
        return None if value is None else loads(value)
