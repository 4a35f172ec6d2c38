"""The shipped examples: invented through and through, and each shows what it is there to show."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from mash.demo.desk import STAFF
from mash.demo.examples import FOLDER, Example, load_examples
from mash.demo.steps import LINK, STAFF_PATHS, TOLD, NotThereYet, body_of, path_of
from mash.story_thread import Thread
from services.intake.domain.model.contact import ContactTold, Subject
from services.intake.domain.model.identifiers import is_synthetic, nhs_number_holds
from services.intake.domain.model.times import age_at
from services.intake.entrypoints.schemas.reading import Reader
from shared.policy.evaluate import SubjectRating, rate
from shared.policy.facts import age_facts, facts_from
from shared.policy.loader import load_pack

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
PACK = load_pack(Path("policies"), "southampton-pathways-2021@1")
EXAMPLES = {example.name: example for example in load_examples(NOW)}
RATED = {
    "01-bruised-baby": (["red-bruised-baby"], "R-BRUISE-NM"),
    "02-police-three-siblings": (["amber"] * 3, "R-HRDA"),
    "03-unwashed-clothes": (["amber"], "R-LEVEL-NOT-RAG"),
    "04-exploitation": (["red-abuse"], "R-CERAF-HIGH"),
    "05-anonymous-neighbour": (["amber"] * 2, "D-NO-MATCH"),
    "06-parent-asks-for-help": (["amber"], "D-NO-MATCH"),
    "07-unborn-child": (["amber"], "R-PREBIRTH"),
    "08-adult-high-risk": (["amber"], "R-HRDA-ADULT"),
    "09-immediate-danger": (["red-immediate"], "R-RED-IMMEDIATE"),
    "10-missing": (["amber"], "R-MISSING-72H"),
    "11-odd-form": (["amber"], "D-UNRECOGNISED"),
    "12-screaming-from-flat-3": (["amber"], "D-NO-MATCH"),
    "13-green": (["amber"], "R-GREEN"),
    "14-nobody-looks": (["red-abuse"], "R-FGM"),
    "15-checks-and-a-question": (["amber"], "R-LEVEL-NOT-RAG"),
    "16-hand-over-to-edt": (["amber"], "R-LEVEL-NOT-RAG"),
    "17-reopened": (["amber"], "R-LEVEL-NOT-RAG"),
    "18-challenged": (["amber"], "R-LEVEL-NOT-RAG"),
    "19-one-worry-from-a-school": (["amber"], "R-LEVEL-NOT-RAG"),
    "20-the-same-worry-from-a-gp": (["amber"], "R-LEVEL-NOT-RAG"),
    "21-more-is-told": (["amber"], "R-LEVEL-NOT-RAG"),
}


def read(example: Example) -> ContactTold:
    reader = Reader(indicators=PACK.indicators, production=False)
    return reader.read(json.dumps(example.contact).encode(), new_id=uuid4)


def rating(subject: Subject, told: ContactTold) -> SubjectRating:
    age = age_at(
        NOW.date(),
        birth_date=subject.birth_date,
        expected_date=subject.expected_date,
        estimated_age_years=subject.estimated_age_years,
    )
    own = {"indicators": subject.indicators, "kind": subject.kind, "consent": subject.consent}
    odd = {"unrecognised": sum(subject.unrecognised.values()), "referrer_kind": told.referrer.kind}
    return rate(PACK, facts_from({**subject.facts, **age_facts(age.unit, age.value), **own, **odd}))


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_an_example_is_rated_as_it_is_meant_to_be(name: str) -> None:
    told = read(EXAMPLES[name])
    ratings = [rating(subject, told) for subject in told.subjects]
    routes, rule = RATED[name]
    assert [one.route for one in ratings] == routes
    assert all(rule in one.rules for one in ratings)


def test_green_is_only_proposed() -> None:
    told = read(EXAMPLES["13-green"])
    assert rating(told.subjects[0], told).proposed_route == "green"


def test_only_the_odd_one_is_odd() -> None:
    assert {name for name, example in EXAMPLES.items() if read(example).warnings} == {"11-odd-form"}


def test_nobody_in_them_exists() -> None:
    for path in FOLDER.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"@([\w.-]+)", text)) <= {"example.org"}, path.name
        assert all(phone.startswith("01632 960") for phone in re.findall(r"phone: ([\d ]{9,})", text)), path.name
        numbers = re.findall(r'nhs_number: "(\d+)"', text)
        assert all(is_synthetic(number) for number in numbers)
        assert all(nhs_number_holds(number) for number in numbers) or path.stem == "11-odd-form"


def test_ages_are_as_of_the_reading() -> None:
    baby = read(EXAMPLES["01-bruised-baby"]).subjects[0]
    assert baby.birth_date == date(2026, 9, 24)
    assert read(EXAMPLES["07-unborn-child"]).subjects[0].expected_date == date(2027, 3, 3)
    assert EXAMPLES["03-unwashed-clothes"].contact["first_attempted_at"] == "2026-11-21T13:00:00Z"


def test_a_broken_example_is_named(tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text("title: nothing else", encoding="utf-8")
    with pytest.raises(ValueError, match=r"odd\.yaml: KeyError"):
        load_examples(NOW, folder=tmp_path)


def test_staff_steps_are_bodies_that_triage_takes() -> None:
    from services.triage.entrypoints.schemas import bodies, closing, gathering  # noqa: PLC0415  (only here)

    shapes = {
        "assignment": gathering.AssignmentBody,
        "check": gathering.ChecksBody,
        "check_answer": gathering.CheckAnswerBody,
        "question": gathering.InformationRequestBody,
        "challenge_answer": closing.ChallengeAnswerBody,
        "reopening": closing.ReopeningBody,
        "discussion": gathering.DiscussionBody,
        "decision": bodies.DecisionBody,
        "authorisation": bodies.AuthorisationBody,
        "milestone": bodies.MilestoneBody,
        "rating": bodies.RatingBody,
        "closure": bodies.ClosureBody,
    }
    for example in EXAMPLES.values():
        people = [{"position": n, "subject_id": str(uuid4())} for n in range(1, len(read(example).subjects) + 1)]
        held = [
            {"kind": "priority", "discussion_id": str(uuid4())},
            {"kind": "strategy", "discussion_id": str(uuid4())},
        ]
        for step in example.staff:
            assert step.by is None or step.by in STAFF
            assert step.after is None or isinstance(getattr(Thread(), step.after), bool)
            if step.do in TOLD or step.do == LINK:
                continue  # intake's: read leniently, or tested as the duplicate's link below
            body = body_of(step, {"subjects": people, "discussions": held}, NOW)
            if step.do == "open":
                assert body == {}
            else:
                shapes[step.do].model_validate_json(json.dumps(body))


def test_an_answer_goes_to_what_it_answers_and_waits_for_it() -> None:
    (answer,) = [one for one in EXAMPLES["15-checks-and-a-question"].staff if one.do == "check_answer"]
    checks = [{"agency": agency, "check_id": agency[0]} for agency in ("health", "police")]
    assert path_of(answer, {"checks": checks}) == "checks/h/answer"
    with pytest.raises(NotThereYet):
        path_of(answer, {"checks": checks[1:]})
    (challenged,) = [one for one in EXAMPLES["18-challenged"].staff if one.do == "challenge_answer"]
    with pytest.raises(NotThereYet):
        path_of(challenged, {"challenges": []})
    assert path_of(challenged, {"challenges": [{"challenge_id": "c"}]}) == "challenges/c/answer"


def test_a_step_of_no_known_kind_is_none_of_ours() -> None:
    known = {*STAFF_PATHS, *TOLD, LINK, "open", "rating", "decision", "authorisation", "closure", "reopening"}
    assert {step.do for example in EXAMPLES.values() for step in example.staff} <= known


def test_a_duplicate_is_linked_to_an_example_posted_before_it() -> None:
    names = list(EXAMPLES)
    for name, example in EXAMPLES.items():
        for step in example.staff:
            if step.do == LINK:
                assert names.index(step.fields["to"]) < names.index(name)


def test_a_decision_names_the_strategy_discussion_it_rests_on_if_there_was_one() -> None:
    step = next(one for one in EXAMPLES["09-immediate-danger"].staff if one.do == "decision")
    people = [{"position": 1, "subject_id": "s"}]
    assert "discussion_id" not in body_of(step, {"subjects": people, "discussions": []}, NOW)
    assert body_of(replace(step, subject=1), {"subjects": people, "discussions": []}, NOW)["subject_id"] == "s"
