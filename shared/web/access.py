"""Who may call which route. A route that does not say so is not served: `create_app` refuses it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.security import HTTPBearer
from starlette.routing import BaseRoute

from shared.logging import get_logger
from shared.security.tokens import Caller, InvalidToken, KeysUnavailable, TokenVerifier
from shared.web.problems import problem_for
from shared.web.rate import RateLimiter

log = get_logger()


class UnguardedRoute(Exception):
    """A route neither names roles nor says why it is public."""


@dataclass(frozen=True, slots=True)
class RouteAccess:
    """One route and who may call it: the roles, or the reason why it is public."""

    method: str
    path: str
    roles: frozenset[str] | None
    public: str | None


class _Allow(HTTPBearer):
    """A dependency that proves the caller and its role."""

    def __init__(self, roles: frozenset[str]) -> None:
        super().__init__(scheme_name="bearer", bearerFormat="JWT", description="A token of POST /v1/token or of OIDC.")
        self.roles = roles

    async def __call__(self, request: Request) -> Caller:  # type: ignore[override]
        caller = await _caller(request)
        if not caller.roles & self.roles:
            raise problem_for(403)
        return caller


class _Public:
    """A dependency that lets everybody in, and says why that is right."""

    def __init__(self, reason: str, *, limited: bool) -> None:
        self.reason = reason
        self.limited = limited

    async def __call__(self, request: Request) -> None:
        if self.limited:
            _limit(request, f"address:{request.client.host if request.client else ''}")


def allow(*roles: str) -> Any:
    """The caller, who must have one of these roles.

    Write `caller: Annotated[Caller, allow("practitioner", "manager")]`. No or a bad token: 401. Another role: 403.
    Raises ValueError where no role is named.
    """
    if not roles:
        raise ValueError("name at least one role")
    return Depends(_Allow(frozenset(roles)))


def public(reason: str, *, limited: bool = False) -> Any:
    """Everybody may call it, for this reason: `dependencies=[public("keys are public")]`; `limited` by address."""
    if not reason:
        raise ValueError("say why it is public")
    return Depends(_Public(reason, limited=limited))


async def _caller(request: Request) -> Caller:
    known: Caller | None = getattr(request.state, "caller", None)
    if known is not None:
        return known  # a router's and a route's own rule: proven and counted once
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise problem_for(401, {"WWW-Authenticate": "Bearer"})
    verifier: TokenVerifier | None = request.app.state.verifier
    if verifier is None:
        raise problem_for(503)
    try:
        caller = await verifier.verify(token.strip())
    except InvalidToken as refusal:
        log.info("token refused", reason=refusal.reason)
        raise problem_for(401, {"WWW-Authenticate": 'Bearer error="invalid_token"'}) from None
    except KeysUnavailable:
        log.warning("no key of the token's issuer is known yet")
        raise problem_for(503) from None
    _limit(request, caller.key)
    request.state.caller = caller
    return caller


def _limit(request: Request, key: str) -> None:
    limiter: RateLimiter | None = request.app.state.rate_limiter
    if limiter is None:
        return
    verdict = limiter.take(key)
    request.state.rate_headers = verdict.headers()
    if not verdict.allowed:
        raise problem_for(429)


def routes_and_roles(app: FastAPI) -> list[RouteAccess]:
    """Every route of the application's routers with its rule, for the test that tries each role on each route.

    The API page's own files are not in the document and not here.
    """
    return [
        access
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute) and context.original_route.include_in_schema
        for access in _accesses(str(context.path_format), context.methods or (), context.dependant)
    ]


def refuse_unguarded(routes: Iterable[BaseRoute]) -> None:
    """Raises UnguardedRoute for a route without a rule, or of a kind that could have none."""
    for context in iter_route_contexts(list(routes)):
        if not isinstance(context.original_route, APIRoute):
            raise UnguardedRoute(f"{context.path}: only ordinary routes can be guarded")
        for access in _accesses(str(context.path_format), context.methods or (), context.dependant):
            if access.roles is None and access.public is None:
                raise UnguardedRoute(f"{access.method} {access.path}: add allow(...) or public(...)")
            if access.roles is not None and access.public is not None:
                raise UnguardedRoute(f"{access.method} {access.path}: both allow(...) and public(...)")


def _accesses(path: str, methods: Iterable[str], dependant: Dependant) -> Iterator[RouteAccess]:
    roles: frozenset[str] | None = None
    reason: str | None = None
    for call in _calls(dependant):
        if isinstance(call, _Allow):
            roles = call.roles if roles is None else roles & call.roles  # every rule must hold
        elif isinstance(call, _Public):
            reason = call.reason
    for method in sorted(methods):
        yield RouteAccess(method, path, roles, reason)


def _calls(dependant: Dependant) -> Iterator[object]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _calls(inner)
