"""Everything that we have said of a case, said anew."""

from __future__ import annotations

from services.triage.domain.model import Case, Check, challenging
from shared.contracts.triage import CaseRestated, CheckStanding, SubjectStanding
from shared.policy.model import Pack

from . import gathered, translation


def restated(case: Case, pack: Pack) -> CaseRestated:
    """Everything that we have said of a case, as it stands now."""
    undecided = case.undecided()
    standings: list[SubjectStanding] = []
    for subject in case.subjects:
        decision = case.decision_of(subject.subject_id)
        said = translation.standing(case, decision, pack, undecided=undecided) if decision is not None else None
        standings.append(SubjectStanding(rated=translation.subject_rated(subject), decision=said))
    return CaseRestated(
        contact=translation.contact_kept(case),
        rating_version=case.rating_version,
        policy=translation.policy_of(case),
        rating=case.rating or "",
        pages=case.pages,
        unrated=case.unrated,
        stage=case.stage.value,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        subjects=tuple(standings),
        discussions=tuple(translation.held(case, one) for one in case.discussions if one.held_at is not None),
        milestones=tuple(translation.reached(case, milestone) for milestone in case.milestones),
        checks=tuple(_check(case, check) for check in case.checks),
        requests=tuple(gathered.requested(case, request) for request in case.requests),
        assigned=gathered.assigned(case, case.assigned) if case.assigned is not None else None,
        challenges_answered=tuple(
            translation.challenge_answered(case, one, at) for one, at in challenging.answered(case)
        ),
        reopened=translation.reopened(case),
        rated_at=case.rated_at,
    )


def _check(case: Case, check: Check) -> CheckStanding:
    answer = gathered.answered(case, check, check.answers[0]) if check.answers else None
    return CheckStanding(asked=gathered.asked(case, check), answered=answer)
