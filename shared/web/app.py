"""Makes a service's web application: the same errors, limits, headers and operator's routes in all four."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi_swagger import patch_fastapi
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from shared.clock import Clock, SystemClock
from shared.metrics import Metrics
from shared.security.tokens import TokenVerifier
from shared.web.access import refuse_unguarded
from shared.web.body import MIB, BoundedBody
from shared.web.context import RequestContext
from shared.web.documents import document_problems, member_names
from shared.web.operations import Check, Version, operations_router
from shared.web.problems import answer_http_exception
from shared.web.rate import RateLimit, RateLimiter
from shared.web.validation import answer_validation_error

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
DEFAULT_RATE: Final = RateLimit(per_second=200, burst=2000)
# FastAPI's own spans would hold paths and queries; ours are not made there
_NO_TELEMETRY: Final = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False}


class _Application(FastAPI):
    """FastAPI with the house's answers, and with our problems in its document."""

    _names: frozenset[str] | None = None

    def __init__(self, **settings: Any) -> None:
        super().__init__(
            telemetry=_NO_TELEMETRY,  # type: ignore[arg-type]
            docs_url=None,  # served below from this machine: the usual page takes its script from a public address
            redoc_url=None,
            redirect_slashes=False,  # a redirect would repeat the address it was sent
            swagger_ui_oauth2_redirect_url=None,
            exception_handlers={
                HTTPException: answer_http_exception,
                RequestValidationError: answer_validation_error,
            },
            **settings,
        )

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        document_problems(document)
        return document

    def known_names(self) -> frozenset[str]:
        """The names that the document makes public; only they may stand in an error's pointer."""
        if self._names is None:
            self._names = member_names(self.openapi())
        return self._names


def create_app(
    *,
    title: str,
    service: str,
    routers: Sequence[APIRouter],
    verifier: TokenVerifier | None,
    checks: Mapping[str, Check],
    version: Version,
    metrics: Metrics,
    lifespan: Lifespan | None = None,
    max_body_bytes: int = MIB,
    body_limits: Mapping[str, int] | None = None,
    rate_limit: RateLimit | None = DEFAULT_RATE,
    description: str = "",
    clock: Clock | None = None,
) -> FastAPI:
    """A service's application. Routers carry their full paths; each route must say who may call it.

    `body_limits` gives single paths another limit than `max_body_bytes`. Without a verifier only public routes answer.
    Raises UnguardedRoute for a route that names no roles and no reason to be public.
    """
    app = _Application(
        title=title,
        description=description,
        version=str((version() if callable(version) else version).get("code", "0")),
        lifespan=lifespan,
        middleware=[
            Middleware(RequestContext, metrics=metrics),
            Middleware(BoundedBody, limit=max_body_bytes, limits=dict(body_limits or {})),
        ],
        contact={"name": f"MASH Front Door, {service}"},
    )
    app.state.service, app.state.verifier, app.state.stopping = service, verifier, False
    app.state.rate_limiter = RateLimiter(rate_limit, clock or SystemClock()) if rate_limit else None
    for router in (*routers, operations_router(checks=checks, version=version, metrics=metrics)):
        refuse_unguarded(router.routes)
        app.include_router(router)
    patch_fastapi(app)
    return app
