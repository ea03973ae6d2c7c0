"""Start-up configuration, read from `OMNI2_*`; what may change at run time is a row instead."""

from ipaddress import ip_network
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Everything that must be known before the database opens (at most 40 fields)."""

    model_config = SettingsConfigDict(env_prefix="OMNI2_", env_ignore_empty=True)

    data: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = 8400
    public_url: str | None = None
    trusted_proxies: str = ""
    database_url: SecretStr | None = None
    bus_url: SecretStr | None = None
    secret_key: SecretStr | None = None
    demo: bool = True
    time_zone: str = "UTC"
    sqlite_synchronous: str = "FULL"
    stdio_commands: str = "npx,uvx,node,python3,python,docker"
    stdio_enabled: bool = False
    default_daily_credits: int = 500
    credit_micros: int = 1000
    fallback_price_micros: int = Field(default=1_000_000, ge=0)  # a million tokens of a model without a price
    max_sockets_per_user: int = 64
    turn_timeout_s: int = 300
    max_iterations: int = 8
    max_output_tokens: int = 4096
    argon2_workers: int = 2
    session_days: int = 14
    oauth_registration: bool = False
    otlp_endpoint: str | None = None  # a collector of OpenTelemetry, such as http://collector:4318
    otlp_headers: SecretStr | None = None  # name=value,name=value
    otlp_content: bool = False  # whether titles, arguments and results leave as well
    log_level: str = "INFO"
    log_json: bool = False

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses_only(cls, listed: str) -> str:
        """Refuse a list that cannot be read: trusting nobody instead would blame one address for all."""
        for entry in listed.split(","):
            try:
                ip_network(entry.strip() or "::1", strict=False)
            except ValueError as error:
                raise ValueError(f"OMNI2_TRUSTED_PROXIES takes addresses and CIDRs: {error}") from error
        return listed

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded default is in use."""
        return self.database_url is None or self.database_url.get_secret_value().startswith("sqlite")

    @property
    def sqlalchemy_url(self) -> str:
        """The URL of the database, as SQLAlchemy takes it."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite+aiosqlite:///{(self.data / 'omni2.db').absolute()}"

    @property
    def origin(self) -> str:
        """The origin that browsers use: scheme, host and port, no path."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def listens_on_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return self.host in {"127.0.0.1", "localhost", "::1"}
