"""The routes for whoever runs a process: alive, ready, metrics, version. They say nothing about anybody."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from shared.logging import get_logger
from shared.metrics import EXPOSITION_TYPE, Metrics
from shared.web.access import public

Check = Callable[[], Awaitable[None]]
Version = Mapping[str, str] | Callable[[], Mapping[str, str]]
CHECK_SECONDS: Final = 2.0

log = get_logger()


def operations_router(*, checks: Mapping[str, Check], version: Version, metrics: Metrics) -> APIRouter:
    """`/livez /readyz /metrics /version`. A check raises when its part is away; each has two seconds."""
    router = APIRouter(tags=["operations"], dependencies=[public("for the operator; holds no personal data")])

    @router.get("/livez", summary="Is the process alive?")
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz", summary="Can it do its work now?", responses={503: {"description": "Not ready"}})
    async def readyz(request: Request) -> JSONResponse:
        results = dict(zip(checks, await asyncio.gather(*map(_run, checks, checks.values())), strict=True))
        stopping: bool = request.app.state.stopping
        ready = all(results.values()) and not stopping
        status = "ready" if ready else "stopping" if stopping else "not_ready"
        parts = {name: "ok" if good else "away" for name, good in results.items()}
        return JSONResponse({"status": status, "checks": parts}, 200 if ready else 503)

    @router.get("/metrics", summary="Prometheus metrics", response_class=Response)
    async def exposition() -> Response:
        return Response(metrics.exposition(), media_type=EXPOSITION_TYPE)

    @router.get("/version", summary="Which code and which policy")
    async def versions() -> dict[str, Any]:
        return dict(version() if callable(version) else version)

    return router


async def _run(name: str, check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except Exception:
        log.warning("not ready", check=name, exc_info=True)
        return False
    return True
