"""The loop that carries links on: the primary's rating was heard, the duplicate is rated otherwise, no echo came."""

from __future__ import annotations

from collections.abc import Iterable

from services.intake.adapters.repositories.linking import PATIENCE_SECONDS, DueLink
from services.intake.application.commands.linking import carry_on
from services.intake.bootstrap import Intake
from shared.database.faults import is_infrastructure
from shared.logging import get_logger

log = get_logger()


async def link_once(intake: Intake) -> bool:
    """Says what is due; True where anything was said: there may be more."""
    async with intake.work() as work:
        due = await work.links.due()
    return await _carry_on(intake, due, again=False)


async def link_again(intake: Intake, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Links whose primary has not answered for a minute are said again: first the same, then anew."""
    async with intake.work() as work:
        unheard = await work.links.unheard(patience_seconds)
    if await _carry_on(intake, unheard, again=True):
        log.warning("links without an echo said again", count=len(unheard))


async def _carry_on(intake: Intake, links: Iterable[DueLink], *, again: bool) -> bool:
    """Each in a transaction of its own: one that fails keeps no other from going on, and is tried again."""
    said = False
    for due in links:
        try:
            said = await _carry_on_one(intake, due, again=again) or said
        except Exception as error:
            if is_infrastructure(error):
                raise
            log.exception("a link cannot be carried on", contact_id=str(due.root))
            intake.platform.metrics.not_matched()
    return said


async def _carry_on_one(intake: Intake, due: DueLink, *, again: bool) -> bool:
    """Both contacts locked first, then the link read anew."""
    async with intake.work() as work:
        await work.lock(due.contacts)
        said = await carry_on(work, due.link_id, root=due.root, again=again)
        await work.commit()
    return said
