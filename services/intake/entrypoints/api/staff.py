"""What staff, administrators and notify ask intake for."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.intake.adapters import queries
from services.intake.application.commands import erase_contact
from services.intake.application.commands.linking import release_links
from services.intake.bootstrap import Intake
from services.intake.entrypoints.schemas.answers import (
    ErasureIn,
    Recipient,
    RecipientAddress,
    SubjectSummary,
    Summaries,
    SummariesIn,
    Summary,
)
from services.intake.entrypoints.schemas.forms import Forms
from shared.contracts.envelope import Cause
from shared.web import IDEMPOTENT, Caller, allow, begin_once, correlation_id, not_found, note_look, traceparent

from .naming import people_of
from .scope import read_one

Staff = Annotated[Caller, allow("practitioner", "manager")]


def router(intake: Intake) -> APIRouter:
    """The routes of staff and services."""
    routes = APIRouter(prefix="/v1/contacts", tags=["staff"])

    @routes.post("/summaries", response_model=Summaries, summary="Names and ages for a page of the queue")
    async def post_summaries(body: SummariesIn, request: Request, caller: Staff) -> Summaries:
        # A read that is a POST, so that no id list stands in a URL: it writes nothing but the audit row.
        masters = intake.platform.database.master_keys
        async with intake.work() as work:
            kept = await queries.read_contacts(work.connection, body.contact_ids, organisation=None, masters=masters)
            found = [one for one in kept if one.told is not None]
            shown = {one.contact_id for one in found}
            await note_look(work, request, caller, action="contacts.summaries", contact_ids=sorted(shown))
            if refused := sorted(set(body.contact_ids) - shown):
                await note_look(
                    work, request, caller, action="contacts.summaries", contact_ids=refused, outcome="refused"
                )
            people = await people_of(work.connection, found)
            await work.commit()
        return Summaries(contacts=[_summary(one, people[one.contact_id]) for one in found])

    @routes.get("/{contact_id}/recipient", response_model=Recipient, summary="Where to send (services only)")
    async def get_recipient(
        contact_id: UUID, request: Request, caller: Annotated[Caller, allow("service")]
    ) -> Recipient:
        forms = Forms(production=intake.platform.settings.environment == "production")
        return _recipient(await read_one(intake, contact_id, request, caller, "contact.recipient"), forms)

    @routes.post(
        "/{contact_id}/erasure", status_code=204, summary="Forget a contact, everywhere", openapi_extra=IDEMPOTENT
    )
    async def post_erasure(
        contact_id: UUID, body: ErasureIn, request: Request, caller: Annotated[Caller, allow("admin")]
    ) -> Response:
        return await _erase(intake, contact_id, body.reason_code, request, caller)

    return routes


async def _erase(intake: Intake, contact_id: UUID, reason_code: str, request: Request, caller: Caller) -> Response:
    async with intake.work() as work:
        cipher = intake.platform.idempotency_cipher
        once = await begin_once(work.connection, request, caller, cipher=cipher)
        if once.answer is not None:
            return once.answer
        known = await queries.read_contacts(
            work.connection, [contact_id], organisation=None, masters=work.database.master_keys
        )
        there = bool(known) and known[0].told is not None
        outcome = "erased" if there else "refused"
        await note_look(work, request, caller, action="contact.erase", contact_ids=[contact_id], outcome=outcome)
        if there:
            links = await work.links.all_of([contact_id])
            await work.lock([contact_id, *(link.other_of(contact_id) for link in links)])
            cause = Cause(id=once.id, correlation_id=correlation_id(request), traceparent=traceparent(request))
            live = await work.links.live_of([contact_id])
            await work.lock(link.other_of(contact_id) for link in live)  # one linked meanwhile
            await release_links(work, contact_id, live, cause)
            await erase_contact(work, contact_id, reason_code=reason_code, cause=cause)
        answer = Response(status_code=204 if there else 404)
        await once.keep(answer)
        await work.commit()
    if not there:
        raise not_found()
    return answer


def _recipient(one: queries.KeptContact, forms: Forms) -> Recipient:
    told = one.told or {}
    referrer: dict[str, Any] = sent if isinstance(sent := told.get("referrer"), dict) else {}
    email, mobile = referrer.get("email"), forms.mobile(referrer.get("phone"))
    reached = {"email": email if isinstance(email, str) else None, "sms": mobile}
    anonymous = one.referrer_kind == "anonymous"
    addresses = [
        RecipientAddress(channel=channel, address=address)
        for channel, address in reached.items()
        if address is not None and not anonymous
    ]
    reference = told.get("sender_reference")
    return Recipient(
        reference=one.reference,
        sender_reference=reference if isinstance(reference, str) else None,
        referrer_kind=one.referrer_kind,
        addresses=addresses,
    )


def _summary(one: queries.KeptContact, people: list[dict[str, Any]]) -> Summary:
    return Summary(
        id=one.contact_id,
        reference=one.reference,
        subjects=[_subject(position, subject) for position, subject in enumerate(people, start=1)],
    )


def _subject(position: int, sent: dict[str, Any]) -> SubjectSummary:
    parts = [str(sent[name]) for name in ("given_name", "family_name") if sent.get(name)]
    born = sent.get("birth_date")
    return SubjectSummary(
        position=position,
        kind=str(sent.get("kind") or "unknown"),
        name=" ".join(parts) or None,
        birth_date=born if isinstance(born, str) else None,
    )
