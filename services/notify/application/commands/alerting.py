"""Alerts on their way: whom each goes to now, and those to the same recipient as one letter.

The steps are those of any delivery, taken by all the alerts of a letter together; each keeps its own state and proof.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.notify.application.ports import Accepted, HandedOver, Letter, Refused, SendResult, TryLater, Work
from services.notify.domain.model import Kind, Message, Reach, Rota, State, Turn, role_of
from services.notify.domain.policy import alerts

from . import delivering
from .delivering import Errand, Way

MOST_IN_LETTER: Final = {"email": 500, "sms": 20}
"""So many references one letter can name: a text message holds 20, about three of a carrier's segments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """What there is to reach people with here, and how a recipient is recognised without keeping the address."""

    channels: Container[str]
    team_address: str
    mark_of: Callable[[str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """Who gets a letter, and whether it pages: what pages waits less."""

    reach: Reach
    team: bool
    pages: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The alerts of one letter, leased."""

    whom: Whom
    mark: bytes
    errands: tuple[Errand, ...]


async def lease_alerts(work: Work, ways: Ways, *, now: datetime, token: UUID, most: int) -> tuple[list[Bundle], bool]:
    """Takes the alerts that are due (real time ``now``) and may go now; others gather until their recipient's turn.

    The second value is True where there may be more.
    """
    contact_ids = await work.due.alerts(now, work.now, most=most)
    if not contact_ids:
        return [], False
    await work.lock(contact_ids)
    _, rota = await work.rota.read()
    queues = _queues(work, rota, ways, sorted(_due(work, contact_ids, now), key=_age))
    turns = await work.turns.lock({_key(ways, whom) for whom in queues})
    bundles: list[Bundle] = []
    for whom, queue in queues.items():
        going = _take(queue, turns[_key(ways, whom)], work.now)
        for message in going:
            message.lease(token, now)
        errands = tuple(_errand(work, message, whom, token) for message in going)
        if errands:
            bundles.append(Bundle(whom=whom, mark=ways.mark_of(whom.reach.address), errands=errands))
    await work.turns.save(turns.values())
    return bundles, len(contact_ids) >= most


def _due(work: Work, contact_ids: Iterable[UUID], now: datetime) -> Iterator[Message]:
    for contact_id in contact_ids:
        for message in work.messages.of(contact_id).values():
            gathers = message.gathered_until is not None and message.gathered_until > work.now
            if message.kind is not Kind.ALERT or gathers or not message.due(now):
                continue
            if alerts.pointless(message):
                message.supersede(work.now, alerts.CLOCK_ENDED, lease_over=True)
            else:
                yield message


def _age(message: Message) -> tuple[datetime, UUID]:
    return message.created_at, message.id


def _queues(work: Work, rota: Rota, ways: Ways, due: Sequence[Message]) -> dict[Whom, list[Message]]:
    """Who gets which, oldest first. What one letter to a person cannot name goes to the team's address as well."""
    queues: dict[Whom, list[Message]] = {}
    for message in due:
        role = _role(work, message)
        team = Whom(reach=rota.team_of(role, otherwise=ways.team_address), team=True, pages=alerts.pages(message))
        # A second try goes to the team's address, which is always on: a person may have gone home.
        person = None if message.attempts else rota.person_of(role, work.now, channels=ways.channels)
        whom = Whom(reach=person, team=False, pages=team.pages) if person else team
        full = len(queues.get(whom, ())) >= MOST_IN_LETTER.get(whom.reach.channel, 1)
        queues.setdefault(team if full else whom, []).append(message)
    return queues


def _role(work: Work, message: Message) -> str:
    ladder, calendar = work.packs.active.ladder, work.packs.active.calendar
    rung = min(message.rung or 0, len(ladder) - 1)  # the ladder in force may be shorter than the alert's own
    return role_of(ladder[rung], calendar, work.now, work.days_off)


def _key(ways: Ways, whom: Whom) -> tuple[bytes, bool]:
    return ways.mark_of(whom.reach.address), whom.pages


def _take(queue: list[Message], turn: Turn, now: datetime) -> list[Message]:
    """Those of a recipient's that go now. One whose lease has run out was let go before, and goes whatever the turn."""
    until = turn.waits_until(now)
    if until is None:
        turn.spend(now)
        return queue
    for message in queue:
        if message.state is not State.LEASED:
            message.gather(until)
    return [message for message in queue if message.state is State.LEASED]


def _errand(work: Work, message: Message, whom: Whom, token: UUID) -> Errand:
    contact = work.contacts.of(message.contact_id)
    return Errand(message=message, contact=contact, token=token, on_duty=None if whom.team else whom.reach)


async def begin(work: Work, bundle: Bundle, *, letter: Letter, way: Way, now: datetime) -> dict[UUID, int]:
    """Notes an attempt at each alert of the letter before it is sent; those whose lease was lost are left out."""
    await work.lock(errand.message.contact_id for errand in bundle.errands)
    numbers = {
        errand.message.id: await delivering.begin_attempt(work, errand, letter=letter, way=way, now=now)
        for errand in bundle.errands
    }
    return {message_id: number for message_id, number in numbers.items() if number is not None}


async def record(
    work: Work, bundle: Bundle, numbers: dict[UUID, int], *, way: Way, result: SendResult, now: datetime, chance: float
) -> None:
    """Records of each alert what came of the letter; one that was not taken was nobody's turn.

    What a provider passes on waits for its receipt, and the team's address is next where it does not arrive. Of a
    letter about several no receipt can be told apart: its being taken counts, and where nobody acts the next rung is
    alerted.
    """
    if isinstance(result, HandedOver) and len(bundle.errands) > 1:
        result = Accepted(provider_id=result.provider_id)
    await work.lock(errand.message.contact_id for errand in bundle.errands)
    for errand in bundle.errands:
        number = numbers.get(errand.message.id)
        if number is not None:
            await delivering.record(work, errand, number=number, way=way, result=result, now=now, chance=chance)
    if isinstance(result, Refused | TryLater):
        await _give_back(work, bundle)


async def put_off(work: Work, bundle: Bundle, *, reason: str, until: datetime) -> None:
    """They cannot even be tried now (real time ``until``): no attempt is spent, and it was nobody's turn."""
    await work.lock(errand.message.contact_id for errand in bundle.errands)
    for errand in bundle.errands:
        await delivering.put_off(work, errand, reason=reason, next_try_at=until)
    await _give_back(work, bundle)


async def _give_back(work: Work, bundle: Bundle) -> None:
    turns = await work.turns.lock({(bundle.mark, bundle.whom.pages)})
    for turn in turns.values():
        turn.give_back()
    await work.turns.save(turns.values())


async def give_up(work: Work, bundle: Bundle, *, reason: str) -> None:
    """No words can be found for them: a person is asked, alert by alert."""
    await work.lock(errand.message.contact_id for errand in bundle.errands)
    for errand in bundle.errands:
        await delivering.give_up(work, errand, reason=reason)
