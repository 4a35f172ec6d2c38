"""How each organisation's contacts ended, beside all of its kind: what a partner learns the thresholds from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from services.deadlines.adapters import queries
from services.deadlines.bootstrap import Deadlines
from services.deadlines.domain.model.endings import (
    CLOSED_UNDECIDED,
    NOT_DECIDED,
    NOT_KNOWN,
    SOURCE_GROUPS,
    Ending,
    kind_of,
    together,
)
from services.deadlines.domain.policy.withholding import Shown, shown, shown_to_partner
from services.deadlines.entrypoints import schemas
from shared.policy.model import Pack
from shared.web import Caller, allow, decode_cursor, encode_cursor, next_link, not_found, note_look

from .months import Month, MonthPath, month_from
from .paging import Limit

PARTNER = "partner"
Learner = Annotated[Caller, allow(PARTNER, "practitioner", "manager", "ops")]

_OWN_WORDS = {
    NOT_DECIDED: "Not decided yet",
    CLOSED_UNDECIDED: "Closed without a decision",
    NOT_KNOWN: "Not known",
}
_MONTH_RUNS = "Others' counts are shown once the month is over: from day to day, each step would tell of one child."
_TOO_FEW = "So few others of this kind sent contacts that nothing of theirs is shown."


def router(deadlines: Deadlines) -> APIRouter:
    """The routes of threshold learning."""
    routes = APIRouter()
    for part in (_list, _one):
        routes.include_router(part(deadlines))
    return routes


def _list(deadlines: Deadlines) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["measures"])

    @routes.get("/measures/{month}/organisations", summary="Who sent contacts in a month, and how they ended")
    async def get_organisations(
        *,
        month: MonthPath,
        request: Request,
        response: Response,
        caller: Learner,
        cursor: str | None = None,
        limit: Limit = 100,
    ) -> schemas.OrganisationList:
        after = str(decode_cursor(cursor, keys={"id"})["id"]) if cursor else ""
        async with deadlines.work() as work:
            asked = month_from(month, work.now)
            endings = [_ending(row) for row in await queries.endings_of(work.connection, asked.first)]
            await note_look(work, request, caller, action="organisations.list", contact_ids=[])
            await work.commit()
        pack = deadlines.rulebooks.active.pack
        known = sorted({one.organisation_id for one in endings if one.organisation_id and _may_see(caller, one)})
        page = [one for one in known if one > after]
        if len(page) > limit:
            response.headers.update(next_link(request, encode_cursor({"id": page[limit - 1]})))
        lines = [_line(one, endings, pack) for one in page[:limit]]
        return schemas.OrganisationList(month=month, policy=pack.ref, complete=asked.complete, organisations=lines)

    return routes


def _one(deadlines: Deadlines) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["measures"])

    @routes.get("/measures/{month}/organisations/{organisation_id}", summary="How one organisation's contacts ended")
    async def get_organisation(
        month: MonthPath,
        organisation_id: Annotated[str, Path(max_length=80, examples=["school-1"])],
        request: Request,
        caller: Learner,
    ) -> schemas.OrganisationEndings:
        async with deadlines.work() as work:
            asked = month_from(month, work.now)
            endings = [_ending(row) for row in await queries.endings_of(work.connection, asked.first)]
            own = [one for one in endings if one.organisation_id == organisation_id]
            there = organisation_id == caller.organisation if _is_partner(caller) else bool(own)
            outcome = "shown" if there else "refused"
            await note_look(work, request, caller, action="organisations.read", contact_ids=[], outcome=outcome)
            await work.commit()
        if not there:
            raise not_found()
        pack = deadlines.rulebooks.active.pack
        return _beside(asked, organisation_id, endings, pack, to_partner=_is_partner(caller))

    return routes


def _beside(
    asked: Month, organisation_id: str, endings: list[Ending], pack: Pack, *, to_partner: bool
) -> schemas.OrganisationEndings:
    kind = kind_of(endings, organisation_id)
    own = together(one for one in endings if one.organisation_id == organisation_id)
    alike = together(one for one in endings if one.kind == kind)
    seen, note = shown(alike), None
    if to_partner:
        # What was erased may have been its own: it would know of them, so they never hide another's.
        mine = together(one for one in endings if one.organisation_id in {organisation_id, None} and one.kind == kind)
        seen = shown_to_partner(alike, mine) if asked.complete else None
        note = None if seen else _TOO_FEW if asked.complete else _MONTH_RUNS
    return schemas.OrganisationEndings(
        month=asked.text,
        policy=pack.ref,
        complete=asked.complete,
        organisation_id=organisation_id,
        kind=kind,
        kind_name=_kind_name(kind) if kind is not None else None,
        own=_endings(shown(own), pack),
        all_of_kind=_endings(seen, pack) if seen and kind is not None else None,
        everybody=None if to_partner else _endings(shown(together(endings)), pack),
        note=note,
    )


def _line(organisation_id: str, endings: list[Ending], pack: Pack) -> schemas.OrganisationLine:
    own = together(one for one in endings if one.organisation_id == organisation_id)
    kind = kind_of(endings, organisation_id) or ""
    return schemas.OrganisationLine(
        organisation_id=organisation_id,
        kind=kind,
        kind_name=_kind_name(kind),
        contacts=own.contacts,
        children=own.children,
        by_outcome=_endings(shown(own), pack).by_outcome,
    )


def _is_partner(caller: Caller) -> bool:
    return PARTNER in caller.roles


def _may_see(caller: Caller, one: Ending) -> bool:
    return not _is_partner(caller) or one.organisation_id == caller.organisation


def _ending(row: queries.Row) -> Ending:
    fields: dict[str, Any] = dict(row) | {"reasons": tuple(row["reasons"])}
    return Ending(**fields)


def _kind_name(kind: str) -> str:
    return SOURCE_GROUPS.get(kind, _OWN_WORDS[NOT_KNOWN])


def _endings(seen: Shown, pack: Pack) -> schemas.EndingsOut:
    return schemas.EndingsOut(
        contacts=seen.contacts,
        children=seen.children,
        by_outcome=_counts(seen.by_outcome, {code: one.name for code, one in pack.outcomes.items()}),
        by_level=_counts(seen.by_level, {str(level): one.name for level, one in pack.levels.items()}),
        by_rating=_counts(seen.by_rating, {code: one.name for code, one in pack.ratings.items()}),
        by_reason=_counts(seen.by_reason, pack.reasons),
    )


def _counts(numbers: Mapping[str, int | None], names: Mapping[str, str]) -> list[schemas.CountOut]:
    """In the pack's order of codes, whatever it does not know last."""
    order = [*names, *sorted(numbers.keys() - names.keys())]
    return [
        schemas.CountOut(code=code, name=names.get(code) or _OWN_WORDS.get(code, code), children=numbers[code])
        for code in _known(order, numbers)
    ]


def _known(order: Iterable[str], numbers: Mapping[str, int | None]) -> Iterable[str]:
    return (code for code in order if code in numbers)
