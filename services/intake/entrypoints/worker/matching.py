"""The loops that find out whom a contact is about: into the index, then a look at who was there before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from services.intake.adapters.repositories import indexing, looking
from services.intake.adapters.repositories.contacts import MatchingUnitOfWork
from services.intake.application.commands.looking import look_for_earlier
from services.intake.bootstrap import Intake
from services.intake.domain.policy import history_words
from shared.database.faults import is_infrastructure
from shared.logging import get_logger

log = get_logger()

INDEX_BATCH = 20


async def index_once(intake: Intake, *, most: int = INDEX_BATCH) -> bool:
    """Puts up to ``most`` new contacts into the index; True where there may be more."""
    claimed: Sequence[UUID] = ()
    try:
        async with intake.matching_work() as work:
            claimed = await indexing.claim_unmatched(work, most=most)
            if claimed:
                await _index(intake, work, claimed)
    except Exception as error:
        if is_infrastructure(error):
            raise
        await _one_by_one(intake, claimed)
    return len(claimed) == most


async def _index(intake: Intake, work: MatchingUnitOfWork, contact_ids: Sequence[UUID]) -> None:
    production = intake.platform.settings.environment == "production"
    await indexing.index_contacts(work, contact_ids, blind=intake.platform.blind_index, production=production)
    await work.commit()


async def _one_by_one(intake: Intake, contact_ids: Sequence[UUID]) -> None:
    """A contact that defeats the index is set aside alone: it must not keep all others from being found."""
    for contact_id in contact_ids:
        try:
            async with intake.matching_work() as work:
                await work.lock([contact_id])
                await _index(intake, work, [contact_id])
        except Exception as error:
            if is_infrastructure(error):
                raise
            await _set_aside(intake, contact_id, error, indexing.set_aside)


async def look_once(intake: Intake) -> bool:
    """Takes one contact whose look is due; False where none is. One a transaction: a look adds looks for others."""
    words = history_words(intake.platform.pack)
    async with intake.matching_work() as work:
        try:
            done = await look_for_earlier(work, words)
            if done:
                await work.commit()
            return done
        except Exception as error:
            if is_infrastructure(error) or work.looks.claimed is None:
                raise
            failed, claimed = error, work.looks.claimed
    await _set_aside(intake, claimed, failed, looking.set_aside)
    return True


async def _set_aside(
    intake: Intake,
    contact_id: UUID,
    error: Exception,
    how: Callable[[MatchingUnitOfWork, UUID], Awaitable[None]],
) -> None:
    """Goes on without the contact, loudly."""
    log.error("a contact cannot be matched", contact_id=str(contact_id), exc_info=error)
    intake.platform.metrics.not_matched()
    async with intake.matching_work() as work:
        await work.lock([contact_id])
        await how(work, contact_id)
        await work.commit()
