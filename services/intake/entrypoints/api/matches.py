"""Staff look for a child, and say whether two subjects are one. Whom they look for is in the body, never in a URL."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from services.intake.adapters.repositories.belonging import Belonging, pair_id
from services.intake.adapters.repositories.blocks import find_candidates, open_people
from services.intake.adapters.repositories.contacts import IntakeUnitOfWork
from services.intake.bootstrap import Intake
from services.intake.domain.model.matching import Comparison, Sameness, Verdict, compare, relation
from services.intake.domain.model.pairing import Known, ProposalState
from services.intake.domain.model.person import Person, people_of
from services.intake.entrypoints.schemas.matching import (
    MatchesIn,
    MatchesOut,
    MatchOut,
    PersonAsked,
    SamenessIn,
    SamenessOut,
)
from shared.web import Caller, Problem, allow, begin_once, not_found, note_look

Staff = Annotated[Caller, allow("practitioner", "manager")]
MOST = 50
WORTH_SHOWING = 0.2
"""A score below that of a name alone says nothing."""


def router(intake: Intake) -> APIRouter:
    """The routes under /v1/children/matches."""
    routes = APIRouter(prefix="/v1/children/matches", tags=["matching"])

    @routes.post("", response_model=MatchesOut, summary="Whom may this be?")
    async def post_matches(body: MatchesIn, request: Request, caller: Staff) -> MatchesOut:
        # A read that is a POST: it writes nothing but the audit row.
        async with intake.work() as work:
            asked = await _asked(intake, work, body)
            if asked is None:
                await note_look(work, request, caller, action="children.matches", contact_ids=[], outcome="refused")
                await work.commit()
                raise not_found()
            found = await _matches(intake, work, asked)
            contacts = {one.contact_id for one in found.matches} | ({asked.contact_id} if body.subject_id else set())
            await note_look(work, request, caller, action="children.matches", contact_ids=contacts)
            await work.commit()
            return found

    @routes.post("/answers", response_model=SamenessOut, summary="Say whether two subjects are one child")
    async def post_answer(body: SamenessIn, request: Request, caller: Staff) -> Response:
        async with intake.work() as work:
            return await _answer(intake, work, request, caller, body)

    return routes


async def _asked(intake: Intake, work: IntakeUnitOfWork, body: MatchesIn) -> Known | None:
    """The person looked for; None for a subject that is not here."""
    if body.subject_id is not None:
        known = await open_people(work.connection, [body.subject_id], work.database.master_keys)
        return known.get(body.subject_id)
    nobody = uuid4()
    production = intake.platform.settings.environment == "production"
    return Known(nobody, nobody, None, _person(body.person or PersonAsked(), production=production))


def _person(asked: PersonAsked, *, production: bool) -> Person:
    told: dict[str, Any] = {
        **asked.model_dump(mode="json", exclude={"address_lines", "postcode"}, exclude_none=True),
        "address": {"lines": asked.address_lines, "postcode": asked.postcode},
    }
    return people_of([{"subjects": [told]}], kinds=["unknown"], production=production)[0]


async def _matches(intake: Intake, work: IntakeUnitOfWork, asked: Known) -> MatchesOut:
    blind, masters = intake.platform.blind_index, work.database.master_keys
    people = {asked.subject_id: asked.person}
    found = (await find_candidates(work.connection, people, blind=blind, masters=masters, but=asked.contact_id))[
        asked.subject_id
    ]
    pairs = [(other, compare(asked.person, other.person)) for other in found.candidates]
    worth = [_match(asked, other, how) for other, how in pairs if how.score >= WORTH_SHOWING]
    worth.sort(key=lambda one: (-one.score, one.subject_id))
    return MatchesOut(matches=worth[:MOST], too_common=[kind.name.lower() for kind in found.too_common])


def _match(asked: Known, other: Known, how: Comparison) -> MatchOut:
    also = relation(asked.person, other.person, how.verdicts) if how.sameness is Sameness.NONE else None
    same_id = asked.child_id is not None and asked.child_id == other.child_id
    return MatchOut(
        subject_id=other.subject_id,
        contact_id=other.contact_id,
        child_id=other.child_id,
        sameness=(Sameness.CONFIRMED if same_id else how.sameness).value,
        relation=also.value if also else None,
        score=round(how.score, 3),
        agrees=list(how.fields(Verdict.AGREES)),
        near=list(how.fields(Verdict.NEAR)),
        differs=list(how.fields(Verdict.DIFFERS)),
    )


async def _answer(
    intake: Intake, work: IntakeUnitOfWork, request: Request, caller: Caller, body: SamenessIn
) -> Response:
    once = await begin_once(work.connection, request, caller, cipher=intake.platform.idempotency_cipher)
    if once.answer is not None:
        return once.answer
    contacts = await Belonging(work).contacts_of(body.subject_id, body.other_subject_id)
    if len(contacts) < len({body.subject_id, body.other_subject_id}):
        await once.keep(Response(status_code=404))
        await note_look(work, request, caller, action="children.same", contact_ids=contacts.values(), outcome="refused")
        await work.commit()
        raise not_found()
    if len(set(contacts.values())) == 1:
        raise Problem(409, "same_contact", detail="One contact names nobody twice: name subjects of two contacts.")
    await work.lock(contacts.values())
    state = await _keep(work, caller, body)
    await work.links.look_again(contacts.values())
    await note_look(work, request, caller, action="children.same", contact_ids=contacts.values(), outcome="done")
    answer = JSONResponse(
        SamenessOut(subject_id=body.subject_id, other_subject_id=body.other_subject_id, state=state.value).model_dump(
            mode="json"
        )
    )
    await once.keep(answer)
    await work.commit()
    return answer


async def _keep(work: IntakeUnitOfWork, caller: Caller, body: SamenessIn) -> ProposalState:
    """A person's word stands over whatever was proposed, and over an earlier word; each is audited."""
    first, second = sorted((body.subject_id, body.other_subject_id))
    known = await open_people(work.connection, [first, second], work.database.master_keys)
    if len(known) < len((first, second)):
        raise Problem(
            409, "not_there_yet", detail="It has just been sent: wait a moment.", headers={"Retry-After": "1"}
        )
    if body.same is False and known[first].child_id is not None and known[first].child_id == known[second].child_id:
        detail = "Both carry the same NHS number and birth date: have the wrong one corrected by its sender."
        raise Problem(409, "same_identifiers", detail=detail)
    state = ProposalState.ACCEPTED if body.same else ProposalState.REFUSED
    sealed = work.cipher(known[first].contact_id).encrypt(
        body.reason, table="match_proposals", column="reason", row_id=pair_id(first, second)
    )
    pair = (known[first], known[second])
    comparison = compare(known[first].person, known[second].person)
    await Belonging(work).answer(pair, comparison, state, by=caller.subject, reason=sealed)
    return state
