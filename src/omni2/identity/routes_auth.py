"""Routes of signing in and of one's own account."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from omni2.identity.blocks import find_block
from omni2.identity.credentials import end_other_sessions, end_session, list_sessions
from omni2.identity.deps import (
    AllowanceDep,
    DeskDep,
    MirrorDep,
    VisitorDep,
    answer_is_for,
    authenticate,
    cookie_name,
    public,
    require,
)
from omni2.identity.links import anybody_exists
from omni2.identity.people import get_user
from omni2.identity.principal import Principal
from omni2.identity.roles import permissions_of
from omni2.identity.schemas import (
    AuthState,
    LinkInspect,
    LinkRedeem,
    LinkView,
    Login,
    Me,
    PasswordChange,
    SessionList,
    TicketCreated,
    own_view,
    session_view,
)
from omni2.identity.signin import change_password, redeem_link, sign_in, sign_out, view_link
from omni2.identity.tickets import issue_ticket
from omni2.kernel.deps import DatabaseDep, SettingsDep
from omni2.kernel.errors import Problem

router = APIRouter(prefix="/api/auth", tags=["auth"])
Owner = Annotated[Principal, require("account.own")]
Chatter = Annotated[Principal, require("chat.use", "chat")]
DAY_S = 86_400


@router.get("/state", dependencies=[Depends(public)])
async def get_state(request: Request, database: DatabaseDep, settings: SettingsDep) -> AuthState:
    """Tell whether the setup is due and whether somebody is signed in; a blocked person is."""
    async with database.read() as session:
        set_up = await anybody_exists(session)
    try:
        await authenticate(request)
        signed_in = True
    except Problem as problem:
        signed_in = problem.code == "blocked"
    return AuthState(
        setup_required=not set_up, signed_in=signed_in, version=request.app.version, demo=settings.demo
    )


@router.post("/link/inspect", dependencies=[Depends(public)])
async def inspect(body: LinkInspect, database: DatabaseDep) -> LinkView:
    """Tell what a one-time link is for."""
    return await view_link(database, body.token)


@router.post("/link/redeem", dependencies=[Depends(public)])
async def redeem(
    request: Request,
    response: Response,
    body: LinkRedeem,
    desk: DeskDep,
    visitor: VisitorDep,
    allowance: AllowanceDep,
) -> Me:
    """Use a one-time link up: set the password and sign in."""
    user, cookie = await redeem_link(desk, body, visitor)
    answer_is_for(request, user.user_id)
    set_cookie(request, response, cookie, desk.session_days)
    return await _me(desk.database, user.user_id, allowance)


@router.post("/login", dependencies=[Depends(public)])
async def login(
    request: Request,
    response: Response,
    body: Login,
    desk: DeskDep,
    visitor: VisitorDep,
    allowance: AllowanceDep,
) -> Me:
    """Sign in."""
    user, cookie = await sign_in(desk, body.email, body.password, visitor)
    answer_is_for(request, user.user_id)
    set_cookie(request, response, cookie, desk.session_days)
    return await _me(desk.database, user.user_id, allowance)


@router.post("/logout", status_code=204, dependencies=[Depends(public)])
async def logout(request: Request, response: Response, database: DatabaseDep, mirror: MirrorDep) -> None:
    """Sign out of this browser; no credential is needed for that."""
    name = cookie_name(request)
    if cookie := request.cookies.get(name):
        await sign_out(database, mirror, cookie)
    response.delete_cookie(name, path="/", secure=_secure(name), httponly=True, samesite="lax")


@router.get("/me")
async def get_me(database: DatabaseDep, allowance: AllowanceDep, principal: Owner) -> Me:
    """Tell who is signed in."""
    return await _me(database, principal.user_id, allowance)


@router.post("/password", status_code=204)
async def post_password(body: PasswordChange, desk: DeskDep, principal: Owner) -> None:
    """Change the password; all other sessions end."""
    await change_password(desk, principal, body.current, body.new)


@router.post("/ticket", status_code=201)
async def post_ticket(database: DatabaseDep, principal: Chatter) -> TicketCreated:
    """Issue a ticket that opens one chat socket within ten seconds; for programs, with their access token."""
    ticket, expires_at = await issue_ticket(database, principal)
    return TicketCreated(ticket=ticket, expires_at=expires_at)


@router.get("/sessions")
async def get_sessions(database: DatabaseDep, principal: Owner) -> SessionList:
    """List the browsers that are signed in."""
    async with database.read() as session:
        held = await list_sessions(session, principal.user_id)
    return SessionList(items=[session_view(row, principal.credential_id) for row in held])


@router.delete("/sessions/{session_id}", status_code=204)
async def delete_session(session_id: str, database: DatabaseDep, mirror: MirrorDep, principal: Owner) -> None:
    """End one session."""
    await end_session(database, mirror, principal.user_id, session_id)


@router.delete("/sessions", status_code=204)
async def delete_sessions(database: DatabaseDep, mirror: MirrorDep, principal: Owner) -> None:
    """End all sessions but the one that asks."""
    await end_other_sessions(database, mirror, principal.user_id, principal.credential_id)


def set_cookie(request: Request, response: Response, cookie: str, days: int) -> None:
    """Give the browser its session: not readable by scripts, not sent by other sites' forms."""
    name = cookie_name(request)
    response.set_cookie(
        name, cookie, max_age=days * DAY_S, path="/", secure=_secure(name), httponly=True, samesite="lax"
    )


def _secure(name: str) -> bool:
    return name.startswith("__Host-")


async def _me(database: DatabaseDep, user_id: str, allowance: AllowanceDep) -> Me:
    async with database.read() as session:
        user = await get_user(session, user_id)
        view = own_view(user, await find_block(session, user_id))
    left = await allowance(user_id)
    return Me(
        user=view,
        role=view.role,
        permissions=sorted(permissions_of(view.role)),
        credit_micros=left.credit_micros,
        remaining_micros=left.remaining_micros,
        limit_micros=left.limit_micros,
        resets_at=left.resets_at,
        time_zone=left.time_zone,
    )
