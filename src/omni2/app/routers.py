"""Every router of the API, in the order of the contract."""

from fastapi import APIRouter

from omni2.access.routes import router as access
from omni2.app.routes_health import router as health
from omni2.conversations.routes import router as conversations
from omni2.engine.routes import router as tries
from omni2.flows.anchor_routes import router as anchors
from omni2.flows.bundle_routes import router as bundles
from omni2.flows.retention_routes import router as retention
from omni2.flows.routes import router as flows
from omni2.flows.verify_routes import router as proof
from omni2.hub.routes_models import router as models
from omni2.hub.routes_servers import router as servers
from omni2.hub.routes_sign_in import router as sign_ins
from omni2.hub.routes_tools import router as tools
from omni2.hub.routes_virtual import router as virtual
from omni2.identity.oauth_consent_routes import router as consents
from omni2.identity.oauth_routes import router as oauth
from omni2.identity.routes_auth import router as auth
from omni2.identity.routes_teams import router as teams
from omni2.identity.routes_tokens import router as tokens
from omni2.identity.routes_users import router as users
from omni2.insight.compare_routes import router as compare
from omni2.insight.conversation_routes import router as talks
from omni2.insight.export_routes import router as export
from omni2.insight.routes import router as insight
from omni2.live.routes import router as live
from omni2.live.routes_monitor import router as monitoring
from omni2.usage.routes import router as usage

ROUTERS: tuple[APIRouter, ...] = (
    auth,
    users,
    teams,
    insight,
    talks,
    compare,
    export,
    live,
    monitoring,
    tokens,
    consents,
    oauth,
    usage,
    servers,
    sign_ins,
    tools,
    tries,
    virtual,
    models,
    access,
    conversations,
    flows,
    proof,
    anchors,
    retention,
    bundles,
    health,
)
