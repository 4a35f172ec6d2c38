"""Guidance before a contact: frameworks to read, answers to check, codes to send. Asks for no name, keeps nothing."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from services.intake.bootstrap import Intake
from services.intake.domain.model.guidance import guide
from services.intake.entrypoints.schemas.code_sets import CodeSets, code_sets
from services.intake.entrypoints.schemas.frameworks import FrameworkOut, Frameworks, framework_out
from services.intake.entrypoints.schemas.guidance import CheckBody, GuidanceOut, guidance_out, read_answers
from services.intake.entrypoints.schemas.reading import Reader
from shared.database.faults import NotYet
from shared.policy.model import Pack
from shared.policy.shelf import PackShelf, installed
from shared.web import Caller, FieldError, Problem, allow, not_found
from shared.web.conditional import answer_unless_known

Anybody = Annotated[Caller, allow("partner", "practitioner", "manager")]
KEPT_SECONDS = 300
_KNOWN_ALREADY: dict[int | str, dict[str, Any]] = {304: {"description": "What you have is the newest (If-None-Match)."}}


class Hub:
    """What the advice hub answers from: the pack in force, and every other framework that is installed."""

    def __init__(self, intake: Intake) -> None:
        platform = intake.platform
        self.active = platform.pack
        self._directory = platform.settings.policies_directory
        self._shelf = PackShelf(self.active, self._directory)
        self._production = platform.settings.environment == "production"
        self._frameworks: dict[str, Pack] | None = None

    async def frameworks(self) -> dict[str, Pack]:
        """By id: the version in force, of others the newest that can be used. Read once: packs are append-only."""
        if self._frameworks is None:
            self._frameworks = await asyncio.to_thread(self._read)
        return self._frameworks

    def _read(self) -> dict[str, Pack]:
        found = {self.active.id: self.active}
        for ref in installed(self._directory):
            try:
                pack = self._shelf.named(ref)
            except NotYet:
                continue  # `mash policy validate` says why
            if pack.id != self.active.id and pack.levels:
                found[pack.id] = pack
        return found

    def reader(self, pack: Pack) -> Reader:
        """Reads answers as those of a contact are read."""
        return Reader(indicators=pack.indicators, production=self._production)


def router(intake: Intake) -> APIRouter:
    """The routes of guidance."""
    routes = APIRouter(prefix="/v1", tags=["guidance"])
    hub = Hub(intake)
    _frameworks(routes, hub)
    _asking(routes, hub)
    return routes


def _frameworks(routes: APIRouter, hub: Hub) -> None:
    @routes.get(
        "/guidance",
        response_model=Frameworks,
        responses=_KNOWN_ALREADY,
        summary="Levels of need, indicators, questions",
    )
    async def read_guidance(request: Request, caller: Anybody) -> Response:  # noqa: ARG001
        frameworks = await hub.frameworks()
        shown = Frameworks(frameworks=[framework_out(pack, active=hub.active) for pack in frameworks.values()])
        return answer_unless_known(request, shown.model_dump_json().encode(), max_age=KEPT_SECONDS)

    @routes.get("/guidance/{framework}", response_model=FrameworkOut, responses=_KNOWN_ALREADY, summary="One framework")
    async def read_framework(framework: str, request: Request, caller: Anybody) -> Response:  # noqa: ARG001
        pack = (await hub.frameworks()).get(framework)
        if pack is None:
            raise not_found()
        shown = framework_out(pack, active=hub.active)
        return answer_unless_known(request, shown.model_dump_json().encode(), max_age=KEPT_SECONDS)


def _asking(routes: APIRouter, hub: Hub) -> None:
    @routes.post("/guidance/check", response_model=GuidanceOut, summary="What would you advise? Nothing is kept")
    async def check(body: CheckBody, caller: Anybody) -> GuidanceOut:  # noqa: ARG001
        """The likely level, how a contact would be rated and why, what to do next, whom to call, and whether to phone
        now. By the rules that rate contacts. Needs no Idempotency-Key: it changes nothing and keeps nothing.
        """
        framework = (await hub.frameworks()).get(body.framework or hub.active.id)
        if framework is None:
            detail = "No such framework: see GET /v1/guidance."
            raise Problem(422, "not_valid", errors=[FieldError("/framework", "unknown_framework", detail)])
        return checked(body, hub, framework)

    @routes.get("/code-sets", response_model=CodeSets, responses=_KNOWN_ALREADY, summary="Every code a sender may use")
    async def read_code_sets(request: Request, caller: Anybody) -> Response:  # noqa: ARG001
        document = code_sets(hub.active).model_dump_json().encode()
        return answer_unless_known(request, document, max_age=KEPT_SECONDS)


def checked(body: CheckBody, hub: Hub, framework: Pack) -> GuidanceOut:
    """What the answers come to, by the pack in force and in the words of ``framework``."""
    read = read_answers(body, hub.reader(hub.active))
    there = read if framework is hub.active else read_answers(body, hub.reader(framework))
    found = guide(hub.active, read.facts, framework=framework, facts_there=there.facts)
    return guidance_out(found, hub.active, read.warnings)
