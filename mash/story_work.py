"""The story's lines for the work of the hub: what became known, what was asked, linked, challenged, reopened. Pure."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from mash import story_words as words
from mash.story_thread import Thread
from shared.contracts import intake, triage
from shared.contracts.envelope import Event, EventData
from shared.policy.model import Pack

Teller = Callable[[Event[Any], Thread], str | None]


def tellers(pack: Pack, threads: Mapping[UUID, Thread]) -> dict[type[EventData], Teller]:
    """A line for each of these events, in the words of `pack`; `threads` knows the other contact of a link."""
    told = _Told(pack, threads)
    return {
        intake.InformationAdded: told.information,
        intake.WithdrawalRequested: told.withdrawal,
        intake.DecisionChallenged: told.challenge,
        intake.HistoryFound: told.history,
        intake.ContactsLinked: told.link,
        intake.ContactsUnlinked: told.unlinking,
        triage.ContactAssigned: told.assignment,
        triage.InformationRequested: told.question,
        triage.ChecksRequested: told.check,
        triage.CheckAnswered: told.check_answer,
        triage.ChallengeAnswered: told.challenge_answer,
        triage.ContactReopened: lambda event, _: f"open again: {words.plain(event.data.reason_code)}",
    }


class _Told:
    def __init__(self, pack: Pack, threads: Mapping[UUID, Thread]) -> None:
        self._pack = pack
        self._threads = threads

    def information(self, event: Event[intake.InformationAdded], thread: Thread) -> str:
        data = event.data
        more = len(data.subjects) - thread.subjects
        thread.subjects = max(thread.subjects, len(data.subjects))
        who = f"; {words.counted(more, 'person')} more" if more > 0 else ""
        answer = ", in answer to what was asked" if data.answers_request else ""
        return f"more is told by the {words.plain(data.given_by)}{answer}{who}"

    def withdrawal(self, event: Event[intake.WithdrawalRequested], thread: Thread) -> str:  # noqa: ARG002
        return f"the referrer would take it back ({self._of(self._pack.withdrawals, event.data.reason_code)}): noted"

    def challenge(self, event: Event[intake.DecisionChallenged], thread: Thread) -> str:
        thread.challenged = True
        return f"the referrer challenges the decision: {self._of(self._pack.grounds, event.data.reason_code)}"

    def history(self, event: Event[intake.HistoryFound], thread: Thread) -> str | None:  # noqa: ARG002
        contacts = max((one.confirmed.repeat_contacts_12_months for one in event.data.subjects), default=0)
        proposed = sum(one.certainty == "probable" for subject in event.data.subjects for one in subject.related)
        said = [f"contact {contacts} in twelve months"] if contacts > 1 else []
        said += [f"{words.counted(proposed, 'contact')} that may be about the same people"] if proposed else []
        return f"known before: {', '.join(said)}" if said else None

    def link(self, event: Event[intake.ContactsLinked], thread: Thread) -> str:
        data, other = event.data, self._other(event.data.other_contact_id)
        thread.linked = True
        why = words.plain(data.reason_code)
        match data.role:
            case "primary":
                return f"linked with {other} ({why}): the work on both is done here"
            case "duplicate":
                return f"linked with {other} ({why}): the work is done there, its own referrer is told here"
            case _:
                return f"shown beside {other} ({why})"

    def unlinking(self, event: Event[intake.ContactsUnlinked], thread: Thread) -> str:
        thread.linked = False
        other, why = self._other(event.data.other_contact_id), words.plain(event.data.reason_code)
        return f"no longer linked with {other} ({why}): worked on by itself"

    def assignment(self, event: Event[triage.ContactAssigned], thread: Thread) -> str:  # noqa: ARG002
        data = event.data
        team = self._pack.teams.get(data.team, words.plain(data.team))
        how = {"to_edt": "handed over for the night", "from_edt": "handed back to the day"}
        worker = ", a worker has it" if data.to_worker else ""
        return f"{how.get(data.hand_over or '', 'assigned')}: {team}{worker}"

    def question(self, event: Event[triage.InformationRequested], thread: Thread) -> str:  # noqa: ARG002
        asked = " ".join(self._pack.questions.get(code, words.plain(code)) for code in event.data.question_codes)
        return f"the referrer is asked: {asked}"

    def check(self, event: Event[triage.ChecksRequested], thread: Thread) -> str:  # noqa: ARG002
        return f"check: {self._agency(event.data.agency)} asked what it knows"

    def check_answer(self, event: Event[triage.CheckAnswered], thread: Thread) -> str:  # noqa: ARG002
        return f"check: {self._agency(event.data.agency)} answered ({words.plain(event.data.answer)})"

    def challenge_answer(self, event: Event[triage.ChallengeAnswered], thread: Thread) -> str:  # noqa: ARG002
        data = event.data
        why = " ".join(self._pack.reasons.get(code, words.plain(code)) for code in data.reason_codes)
        return f"challenge answered by another manager: {words.plain(data.result)}. {why}".rstrip()

    def _agency(self, code: str) -> str:
        return words.lower_first(self._pack.agencies.get(code, words.plain(code)))

    def _of(self, known: Mapping[str, str], code: str) -> str:
        return words.lower_first(known.get(code, words.plain(code)))

    def _other(self, contact_id: UUID) -> str:
        return self._threads[contact_id].reference if contact_id in self._threads else "an earlier contact"
