"""The MCP endpoint as a protected resource: what its tokens are for, and the documents that tell clients."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import JsonValue

from omni2.kernel.errors import Problem
from omni2.kernel.served import origin_at, serves
from omni2.kernel.settings import Settings

MCP_SCOPE = "mcp"
SCOPES = (MCP_SCOPE,)
_PATH = "/mcp"
_BENEATH = re.compile(r"/?|/[a-z0-9-]{1,32}/?")


@dataclass(frozen=True, slots=True)
class Resource:
    """The endpoint of this installation, as seen from one origin: `{origin}/mcp` and all beneath it."""

    settings: Settings
    origin: str

    @classmethod
    def at(cls, settings: Settings, host: str) -> "Resource":
        """Return the resource for who came by `host`."""
        return cls(settings, origin_at(settings, host))

    @property
    def audience(self) -> str:
        """What tokens are for."""
        return self.origin + _PATH

    def require(self, wished: str | None) -> str:
        """Return the audience for a `resource` parameter; or raise `Problem` invalid_target."""
        if wished is not None:
            whole, beneath = wished[: len(self.audience)], wished[len(self.audience) :]
            if whole.lower() != self.audience.lower() or not _BENEATH.fullmatch(beneath):
                raise Problem("invalid_target", 400, f"Tokens of omni2 are for {self.audience} only.")
        return self.audience

    def metadata(self) -> Mapping[str, JsonValue]:
        """Return the document of RFC 9728."""
        return {
            "resource": self.audience,
            "authorization_servers": [self.origin],
            "scopes_supported": [*SCOPES],
            "bearer_methods_supported": ["header"],
            "resource_name": "omni2",
        }

    def server_metadata(self) -> Mapping[str, JsonValue]:
        """Return the document of RFC 8414."""
        registers = self.settings.oauth_registration
        return {
            "issuer": self.origin,
            "authorization_endpoint": f"{self.origin}/oauth/authorize",
            "token_endpoint": f"{self.origin}/oauth/token",
            "revocation_endpoint": f"{self.origin}/oauth/revoke",
            **({"registration_endpoint": f"{self.origin}/oauth/register"} if registers else {}),
            "scopes_supported": [*SCOPES],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_methods_supported": ["none"],
            "revocation_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "client_id_metadata_document_supported": True,
        }


def is_our_audience(settings: Settings, audience: str) -> bool:
    """Whether a token for `audience` is for this installation as it is configured now."""
    if settings.public_url:
        return audience == settings.origin + _PATH
    parts = urlsplit(audience)
    return parts.scheme == "http" and parts.path == _PATH and serves(settings, parts.netloc)
