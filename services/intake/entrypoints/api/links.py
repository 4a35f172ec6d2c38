"""Which contacts belong together: shown with the fields that agree and that do not, linked and unlinked by a person."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from services.intake.adapters.repositories.belonging import Belonging, seal_reason
from services.intake.adapters.repositories.contacts import IntakeUnitOfWork
from services.intake.application.commands.linking import Wish, link_contacts, unlink_contacts
from services.intake.bootstrap import Intake
from services.intake.domain.model.linking import LIVE, Link, LinkRefused, LinkRelation, LinkState
from services.intake.entrypoints.schemas.matching import LinkIn, LinksOut, UnlinkIn
from shared.contracts.envelope import Cause
from shared.web import (
    Caller,
    Once,
    Problem,
    allow,
    begin_once,
    correlation_id,
    etag,
    not_found,
    note_look,
    require_match,
    traceparent,
)

from .belonging import shown

Staff = Annotated[Caller, allow("practitioner", "manager")]


def router(intake: Intake) -> APIRouter:
    """The routes under /v1/contacts/{contact_id}/links."""
    routes = APIRouter(prefix="/v1/contacts/{contact_id}/links", tags=["matching"])

    @routes.get("", response_model=LinksOut, summary="What belongs to a contact, or may")
    async def get_links(contact_id: UUID, request: Request, caller: Staff) -> Response:
        async with intake.work() as work:
            await _there_or_404(work, request, caller, contact_id, action="contact.links")
            answer = await _answer(work, request, caller, contact_id, action="contact.links")
            await work.commit()
            return answer

    @routes.post("", response_model=LinksOut, status_code=201, summary="Link another contact to this one")
    async def post_link(contact_id: UUID, body: LinkIn, request: Request, caller: Staff) -> Response:
        async with intake.work() as work:
            return await _link(intake, work, request, caller, contact_id=contact_id, body=body)

    @routes.delete("/{link_id}", response_model=LinksOut, summary="Take two contacts apart again")
    async def delete_link(contact_id: UUID, link_id: UUID, body: UnlinkIn, request: Request, caller: Staff) -> Response:
        async with intake.work() as work:
            return await _unlink(work, request, caller, contact_id=contact_id, link_id=link_id, body=body)

    return routes


async def _link(
    intake: Intake, work: IntakeUnitOfWork, request: Request, caller: Caller, *, contact_id: UUID, body: LinkIn
) -> Response:
    once = await begin_once(work.connection, request, caller, cipher=intake.platform.idempotency_cipher)
    if once.answer is not None:
        return once.answer
    action = "contact.link"
    for end in (contact_id, body.other_contact_id):
        await _there_or_404(work, request, caller, end, action=action, once=once)
    await work.lock([contact_id, body.other_contact_id])
    require_match(request, await Belonging(work).version(contact_id))
    link_id = uuid4()
    wish = Wish(
        link_id=link_id,
        contact_id=contact_id,
        other_contact_id=body.other_contact_id,
        relation=LinkRelation(body.relation),
        reason_code=body.reason_code,
        sealed_reason=seal_reason(work.cipher(contact_id), link_id, body.reason),
        by=caller.subject,
        pairs=body.pairs,
    )
    cause = Cause(id=once.id, correlation_id=correlation_id(request), traceparent=traceparent(request))
    try:
        await link_contacts(work, wish, cause)
    except LinkRefused as refused:
        raise _refused(refused) from None
    answer = await _answer(work, request, caller, contact_id, action=action, status=201)
    await once.keep(answer)
    await work.commit()
    return answer


async def _unlink(
    work: IntakeUnitOfWork, request: Request, caller: Caller, *, contact_id: UUID, link_id: UUID, body: UnlinkIn
) -> Response:
    link = await work.links.find(link_id)
    if link is None or contact_id not in (link.contact_id, link.other_contact_id):
        await _refuse(work, request, caller, contact_id, action="contact.unlink")
        raise not_found()
    await work.lock([link.contact_id, link.other_contact_id])
    link = await work.links.find(link_id)
    if link is None:
        raise not_found()
    if link.state is not LinkState.UNLINKED:
        require_match(request, await Belonging(work).version(contact_id))
        await _take_apart(work, request, caller, link, body)
    answer = await _answer(work, request, caller, contact_id, action="contact.unlink")
    await work.commit()
    return answer


async def _take_apart(work: IntakeUnitOfWork, request: Request, caller: Caller, link: Link, body: UnlinkIn) -> None:
    if link.state not in LIVE:
        raise _refused(LinkRefused("only_proposed", "It links nothing yet: link it with a reason, or leave it."))
    sealed = seal_reason(work.cipher(link.contact_id), link, body.reason, column="unlink_reason")
    cause = Cause(id=link.link_id, correlation_id=correlation_id(request), traceparent=traceparent(request))
    await unlink_contacts(
        work, link, by=caller.subject, reason_code=body.reason_code, sealed_reason=sealed, cause=cause
    )


def _refused(refused: LinkRefused) -> Problem:
    status = 422 if refused.code == "wrong_pairs" else 409
    return Problem(status, refused.code, detail=f"These two cannot be linked so. {refused.allowed}")


async def _answer(
    work: IntakeUnitOfWork, request: Request, caller: Caller, contact_id: UUID, *, action: str, status: int = 200
) -> JSONResponse:
    """What belongs to the contact now, audited with every contact it names."""
    out = await shown(work, contact_id)
    others = [one.other_contact_id for part in (out.links, out.proposals, out.related) for one in part]
    await note_look(work, request, caller, action=action, contact_ids=[contact_id, *others])
    version = await Belonging(work).version(contact_id)
    return JSONResponse(out.model_dump(mode="json"), status, {"ETag": etag(version)})


async def _there_or_404(
    work: IntakeUnitOfWork, request: Request, caller: Caller, contact_id: UUID, *, action: str, once: Once | None = None
) -> None:
    """Raises Problem 404, audited, for a contact that is not here; a key claimed for it is free again."""
    if contact_id not in await Belonging(work).there(contact_id):
        if once is not None:
            await once.keep(Response(status_code=404))
        await _refuse(work, request, caller, contact_id, action=action)
        raise not_found()


async def _refuse(work: IntakeUnitOfWork, request: Request, caller: Caller, contact_id: UUID, *, action: str) -> None:
    """Writes down who asked for what is not here, and commits that."""
    await note_look(work, request, caller, action=action, contact_ids=[contact_id], outcome="refused")
    await work.commit()
