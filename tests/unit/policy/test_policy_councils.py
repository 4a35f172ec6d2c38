"""Three other councils, run through rating, clocks and messages: another place is another folder, and no code.

Each goes through triage's domain (how urgent), deadlines' (by when) and notify's (who is told), by its own pack.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

import pytest

from services.deadlines.adapters.repositories.rulebooks import Rulebooks
from services.deadlines.domain.model.occurrence import RATED, RECEIVED, occurrence
from services.deadlines.domain.policy.preview import Previewed, preview
from services.deadlines.domain.policy.terms import Standing, terms_for
from services.notify.domain.model import Contact as Referral
from services.notify.domain.model import Decision
from services.notify.domain.policy.alerts import on_rating
from services.notify.domain.policy.owed import Occasion, on_decision, on_receipt
from services.triage.application.handlers.told import contact_told, subjects_told
from services.triage.domain import policy as triage_policy
from services.triage.domain.model import Case, NotAllowed, RoleNeeded, Signed, gathering, rating
from services.triage.domain.model.items import Check
from shared.contracts.intake import ContactReceived
from shared.policy.guards import may_ask_agencies, missing_for
from shared.policy.model import Pack
from tests.support.builders_triage import GREEN, IMMEDIATE, kept, received, subject_id, told
from tests.support.every_pack import POLICIES, pack_called

LONDON = ZoneInfo("Europe/London")
CONTACT = UUID(int=11)
NO_DANGER = dict.fromkeys(("immediate_danger", "abuse_suspected", "significant_harm", "injury"), "no")
TUESDAY = datetime(2026, 11, 24, 15, 0, tzinfo=LONDON)
FRIDAY_EVENING = datetime(2026, 11, 27, 19, 0, tzinfo=LONDON)
OXFORDSHIRE, SURREY, MERTON = (pack_called(f"{name}@1") for name in ("oxfordshire", "surrey-police", "merton"))
EACH = pytest.mark.parametrize("pack", [OXFORDSHIRE, SURREY, MERTON], ids=lambda pack: pack.id)


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def rated(pack: Pack, facts: dict[str, str]) -> Case:
    """A contact about one child, as triage rates it."""
    data = received(CONTACT, told(CONTACT, facts=facts), contact=kept(at=TUESDAY)).data
    assert isinstance(data, ContactReceived)
    case = Case(contact_id=CONTACT)
    rating.hear_what_was_told(case, contact_told(data), subjects_told(data), pack, signed())
    return case


def signed(*roles: str) -> Signed:
    return Signed(id=uuid4(), at=TUESDAY, by="somebody" if roles else None, roles=frozenset(roles))


def clocks(pack: Pack, route: str, at: datetime) -> dict[str, Previewed]:
    """The clocks of a contact received then and rated so at once, as deadlines computes them."""
    found = preview(Rulebooks(pack, POLICIES).active, route=route, received_at=at, referrer_kind="professional")
    return {clock.kind: clock for clock in found}


def referral(pack: Pack, *, kind: str = "professional", rated_as: str | None = None) -> Referral:
    """The contact as notify knows it."""
    known = Referral(contact_id=CONTACT, referrer_kind=kind, has_address=True, received=True, policy=pack.ref)
    known.know_subject(subject_id(CONTACT), position=1, kind="child")
    known.rating = rated_as
    return known


def occasion() -> Occasion:
    return Occasion(at=TUESDAY, correlation_id=CONTACT, traceparent=None)


@EACH
def test_immediate_danger_is_rated_red_pages_and_alerts_duty(pack: Pack) -> None:
    case = rated(pack, dict(IMMEDIATE))
    assert (case.rating, case.pages) == ("red", True)
    assert case.subjects[0].standing.advice == ("phone_the_mash", "call_999")
    assert case.clocks_awaited >= {"opened_by_duty", "opened_by_manager"}
    [alert] = on_rating(pack, referral(pack, rated_as="red"), pages=case.pages, occasion=occasion())
    assert alert.template == "duty-alert"


@EACH
def test_green_is_proposed_and_a_manager_confirms(pack: Pack) -> None:
    case = rated(pack, {**NO_DANGER, **GREEN})
    standing = case.subjects[0].standing
    assert (standing.rating, standing.proposed_route) == ("amber", "green")
    with pytest.raises(RoleNeeded):
        rating.rerate(case, subject_id(CONTACT), "green", pack, signed("practitioner"), note=b"")
    assert rating.rerate(case, subject_id(CONTACT), "green", pack, signed("practitioner", "manager"), note=b"")
    assert case.rating == "green"


@EACH
def test_professionals_are_told_and_the_public_has_a_receipt_only(pack: Pack) -> None:
    sent = [one.template for one in on_receipt(pack, referral(pack), occasion())]
    assert sent == ["professional-acknowledgement"]
    assert [one.template for one in on_receipt(pack, referral(pack, kind="public"), occasion())] == ["public-receipt"]
    assert _told_of_decision(pack, "professional") == ["professional-outcome"]
    assert _told_of_decision(pack, "public") == []
    assert triage_policy.informing_due(pack, referrer_kind="professional", has_address=True)
    assert not triage_policy.informing_due(pack, referrer_kind="public", has_address=True)


@EACH
def test_of_what_is_amber_agencies_are_asked(pack: Pack) -> None:
    case = rated(pack, {})
    case.open(signed("practitioner"))
    assert gathering.ask_agencies(case, [check_of("police")], pack, signed("practitioner"), consent_reason=False)
    assert may_ask_agencies(pack, case.subjects[0].standing.routes)


def check_of(agency: str) -> Check:
    """What an agency is asked about the child."""
    return Check(
        id=uuid4(),
        agency=agency,
        subject_ids=(subject_id(CONTACT),),
        rating="amber",
        requested_at=TUESDAY,
        requested_by="somebody",
        words=b"sealed",
    )


def _told_of_decision(pack: Pack, kind: str) -> list[str]:
    known = referral(pack, kind=kind)
    decision = Decision(version=1, outcome="signpost", reason_codes=(), service_codes=("gp",), policy=pack.ref)
    known.decisions[subject_id(CONTACT)], known.undecided = decision, 0
    return [message.template for message in on_decision(pack, known, [], "signpost", occasion())]


@pytest.mark.parametrize(
    ("route", "kind", "received_at", "due"),
    [
        ("red", "red_decision", "2026-11-24T15:00", "2026-11-24T19:00"),
        ("red", "red_decision", "2026-11-27T19:00", "2026-11-27T23:00"),  # day and night
        ("unrated", "red_decision", "2026-11-27T19:00", "2026-11-27T23:00"),
        ("amber", "amber_decision", "2026-11-24T15:00", "2026-11-25T17:00"),
        ("amber", "amber_decision", "2026-11-27T19:00", "2026-11-30T17:00"),
        ("green", "green_decision", "2026-11-24T15:00", "2026-11-27T17:00"),
        ("green", "green_decision", "2026-12-23T10:00", "2026-12-30T17:00"),  # Christmas counts as closed
        ("green", "risk_rated", "2026-11-24T15:00", "2026-11-25T17:00"),
    ],
)
def test_oxfordshire_4_hours_1_and_3_working_days(route: str, kind: str, received_at: str, due: str) -> None:
    assert clocks(OXFORDSHIRE, route, london(received_at))[kind].due_at == london(due)


@pytest.mark.parametrize(
    ("route", "kind", "received_at", "due"),
    [
        ("red", "red_decision", "2026-11-24T10:00", "2026-11-24T14:00"),
        ("red", "red_decision", "2026-11-24T15:00", "2026-11-24T19:00"),  # past closing at 17:00
        ("red", "red_decision", "2026-11-27T19:00", "2026-11-30T13:00"),  # not begun before Monday's opening
        ("amber", "amber_decision", "2026-11-24T15:00", "2026-11-27T15:00"),  # three working days of 8 hours
        ("green", "green_decision", "2026-11-27T19:00", "2026-11-30T19:00"),  # 72 hours by the clock, over the weekend
    ],
)
def test_surrey_4_and_24_working_hours_and_72_hours(route: str, kind: str, received_at: str, due: str) -> None:
    assert clocks(SURREY, route, london(received_at))[kind].due_at == london(due)


def test_surreys_plain_reading_of_red_stands_beside_it() -> None:
    red = clocks(SURREY, "red", TUESDAY)["red_decision"]
    assert red.beside_due_at == london("2026-11-25T11:00")
    assert red.steps[0] == TUESDAY + timedelta(hours=2)


@pytest.mark.parametrize("pack", [SURREY, MERTON], ids=lambda pack: pack.id)
def test_blue_is_a_persons_and_has_no_clock_of_its_own_and_is_not_shared(pack: Pack) -> None:
    case = rated(pack, {**NO_DANGER, **GREEN})
    assert rating.rerate(case, subject_id(CONTACT), "blue", pack, signed("practitioner", "manager"), note=b"")
    standing = case.subjects[0].standing
    assert (case.rating, case.pages) == ("blue", False)
    assert not triage_policy.clocks_expected(pack, [standing], referrer_kind="professional")
    assert not {kind for kind in clocks(pack, "blue", TUESDAY) if "acknowledgement" not in kind} - {"mash_decision"}
    case.open(signed("practitioner"))
    with pytest.raises(NotAllowed, match="not_shared"):
        gathering.ask_agencies(case, [check_of("police")], pack, signed("practitioner"), consent_reason=True)
    assert not case.checks
    assert not missing_for(
        pack, outcome="signpost", route="blue", consent="refused", provided=("rationale", "services")
    )


def test_blue_is_the_least_urgent_of_four() -> None:
    ranked = sorted(SURREY.ratings.values(), key=lambda one: one.rank)
    assert [one.code for one in ranked] == ["blue", "green", "amber", "red", "unrated"]
    book = Rulebooks(SURREY, POLICIES).active
    assert [book.urgency(one.code) for one in ranked] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("rated_as", "hours"), [("red", 2), ("amber", 6), ("green", 24)])
def test_mertons_hours_are_the_agencies_and_count_from_the_request(rated_as: str, hours: int) -> None:
    asked = FRIDAY_EVENING + timedelta(hours=1)
    due = {kind: at for kind, at in _asked(MERTON, rated_as, asked).items() if kind.startswith("check_answer")}
    assert due == {f"check_answer_{rated_as}": asked + timedelta(hours=hours)}


def test_merton_gives_the_decision_the_statutory_working_day_only() -> None:
    assert {*clocks(MERTON, "amber", TUESDAY)} == {"acknowledgement", "mash_decision"}
    assert clocks(MERTON, "amber", FRIDAY_EVENING)["mash_decision"].due_at == london("2026-11-30T17:00")


def _asked(pack: Pack, rated_as: str, asked: datetime) -> dict[str, datetime]:
    """When what is asked of an agency is due, of a contact received on Friday evening and rated so."""
    child, check = subject_id(CONTACT), uuid5(CONTACT, "check")
    said = {"rating": rated_as, "route": frozenset({rated_as}), "pages": pack.ratings[rated_as].pages}
    standing = Standing(
        contact_id=CONTACT,
        received=occurrence(
            CONTACT, RECEIVED, occurred_at=FRIDAY_EVENING, attributes={"referrer_kind": "professional"}
        ),
        subject_ids=[child],
        occurrences=[
            occurrence(CONTACT, RATED, subject_id=child, occurred_at=FRIDAY_EVENING, attributes=said),
            occurrence(
                CONTACT, "ChecksRequested", item_id=check, occurred_at=asked, attributes={"rating": rated_as}, key="1"
            ),
        ],
    )
    return {terms.kind: terms.due_at for terms in terms_for(Rulebooks(pack, POLICIES).active, standing).values()}
