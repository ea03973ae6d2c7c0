"""Every table of the project, for comparing the schema with the code."""

from importlib import import_module

from omni2.kernel.columns import Base

_MODULES = (
    "omni2.kernel.journal",
    "omni2.kernel.lease",
    "omni2.kernel.duty",
    "omni2.identity.models",
    "omni2.identity.oauth_models",
    "omni2.identity.team_models",
    "omni2.live.models",
    "omni2.live.monitor_models",
    "omni2.catalog.models",
    "omni2.catalog.sign_in_models",
    "omni2.access.models",
    "omni2.usage.models",
    "omni2.flows.models",
    "omni2.flows.seal_models",
    "omni2.flows.retention_models",
    "omni2.flows.bundle_models",
    "omni2.conversations.models",
    "omni2.gateway.models",
)
for _name in _MODULES:
    import_module(_name)

metadata = Base.metadata
