"""A webhook delivery's states, a webhook's, what answers mean; and the diagram in the README."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.notify.adapters.channels.webhook_post import _seconds
from services.notify.adapters.channels.webhook_words import body_of, new_secret
from services.notify.domain.model.webhook import FAILING_FOR, SUBSCRIBABLE, EventType, Webhook, WhyDisabled
from services.notify.domain.model.webhook_delivery import (
    DELIVERY_MOVES,
    OPEN,
    DeliveryState,
    PartnerEvent,
    WebhookDelivery,
    event_id,
)
from services.notify.domain.policy.schedule import LONGEST_WISH
from services.notify.domain.policy.webhook_answers import Answer, Verdict, judge, rests_until, wait_after
from services.notify.entrypoints.schemas.webhooks import SUBSCRIBED

README = Path(__file__).parents[3] / "services" / "notify" / "README.md"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ONE, TWO = UUID(int=1), UUID(int=2)


def test_the_readme_shows_exactly_the_moves_of_the_code() -> None:
    page = README.read_text().partition("## A webhook delivery\n")[2].partition("\n## ")[0]
    drawn = set(re.findall(r"^\s+(\w+) --> (\w+): (.+)$", page, flags=re.MULTILINE))
    coded = {(old.value, new.value, move.value) for move, table in DELIVERY_MOVES.items() for old, new in table.items()}
    assert drawn == coded


def test_what_may_be_subscribed_to_is_what_there_is() -> None:
    assert set(SUBSCRIBED) == {kind.value for kind in SUBSCRIBABLE}


@st.composite
def steps(draw: st.DrawFn) -> list[tuple[str, UUID]]:
    names = st.sampled_from(["lease", "accepted", "try_later", "give_up"])
    return draw(st.lists(st.tuples(names, st.sampled_from([ONE, TWO])), max_size=12))


@given(steps())
def test_an_acceptance_is_for_good_and_a_lost_lease_changes_nothing(taken: list[tuple[str, UUID]]) -> None:
    delivery = WebhookDelivery(event_id=ONE, webhook_id=TWO)
    accepted = False
    for number, (step, token) in enumerate(taken):
        now = NOW + timedelta(minutes=2 * number)
        before, held = delivery.state, delivery.held_by(token)
        if step == "lease" and before in OPEN:
            delivery.lease(token, now)
        elif step == "accepted":
            delivery.accepted(token, now)
            accepted = True
        elif step == "try_later":
            assert delivery.try_later(token, due_at=now, reason="http_500") is held
        elif step == "give_up":
            assert delivery.give_up(token, at=now, reason="http_500") is held
        assert (delivery.state is DeliveryState.ACCEPTED) is accepted
        assert (delivery.due_at is None) is (delivery.state not in OPEN or delivery.attempts == 0)


@given(st.integers(100, 599), st.floats(0, 10**6))
def test_2xx_only_is_success_and_410_only_ends_it(status: int, asked: float) -> None:
    answer = Answer(status=status, retry_after=asked)
    verdict = judge(answer)
    assert (verdict is Verdict.ACCEPTED) is (200 <= status < 300)
    assert (verdict is Verdict.GONE) is (status == 410)
    assert (verdict is Verdict.LATER) is (status in {408, 425, 429} or status >= 500)
    rest = rests_until(answer, NOW)
    assert rest is None or (verdict is Verdict.LATER and rest <= NOW + timedelta(seconds=LONGEST_WISH))


@given(st.integers(1, 200), st.floats(0, 1, exclude_max=True), st.floats(0, 10**6))
def test_waits_are_spread_bounded_and_never_zero(attempts: int, chance: float, asked: float) -> None:
    for verdict in (Verdict.LATER, Verdict.SLOWLY):
        wait = wait_after(verdict, attempts, chance=chance, asked=asked)
        assert timedelta(seconds=4) <= wait <= timedelta(hours=1.2)
    assert wait_after(Verdict.SLOWLY, 1, chance=chance) >= timedelta(minutes=10)


def test_a_webhook_that_fails_for_days_without_one_acceptance_is_disabled() -> None:
    webhook = Webhook(
        id=ONE, organisation="school", url="https://hooks.example.org/", events=(), secret=new_secret(),
        created_at=NOW, created_by="client",
    )  # fmt: skip
    webhook.failed(NOW)
    webhook.took(NOW + timedelta(days=4))
    webhook.failed(NOW + timedelta(days=5))
    assert not webhook.failing_too_long(NOW + timedelta(days=9))
    assert webhook.failing_too_long(NOW + timedelta(days=5) + FAILING_FOR)
    assert webhook.disable(WhyDisabled.FAILING, NOW)
    assert not webhook.disable(WhyDisabled.GONE, NOW), "the first reason stays"
    assert webhook.reason is WhyDisabled.FAILING


def test_retry_after_is_read_in_both_forms_and_nonsense_is_nothing() -> None:
    assert _seconds("120", NOW) == 120
    assert _seconds("Tue, 24 Nov 2026 12:02:00 GMT", NOW) == 120
    assert _seconds("Tue, 24 Nov 2026 11:00:00 GMT", NOW) == 0
    assert {_seconds(text, NOW) for text in (None, "", "soon", "-5", "1e9", "٣")} == {0}


@given(st.sampled_from(list(EventType)), st.text(max_size=20), st.text(max_size=20))
def test_an_events_id_follows_from_what_happened(kind: EventType, one: str, other: str) -> None:
    assert (event_id(ONE, kind, one) == event_id(ONE, kind, other)) is (one == other)
    assert event_id(ONE, kind, one) != event_id(TWO, kind, one)


def test_a_body_is_thin_and_the_same_on_every_attempt() -> None:
    event = PartnerEvent(
        id=ONE, kind="contact.decided", occurred_at=NOW, contact_id=TWO, reference="MASH-7K3P-2QF9-5", sequence=3
    )
    body = body_of(event)
    assert body == body_of(event)
    assert len(body) < 500
