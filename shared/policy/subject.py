"""One subject's facts, put together from what was told: by whoever advises and by whoever rates, in one way."""

from __future__ import annotations

from collections.abc import Mapping

from shared.policy.facts import Facts, age_facts, facts_from


def subject_facts(
    answered: Mapping[str, object],
    *,
    indicators: Mapping[str, object],
    kind: str,
    age: tuple[str, int | None],
    consent: str,
    open_case: str,
    referrer_kind: str,
    unrecognised: int,
) -> Facts:
    """The facts of one subject; ``age`` at the incident, in the unit that events say it in. Never raises: what nobody
    recognises is counted, and asks for a person.
    """
    return facts_from(
        {
            **answered,
            "indicators": indicators,
            "unrecognised": unrecognised,
            "kind": kind,
            "consent": consent,
            "open_case": open_case,
            "referrer_kind": referrer_kind,
            **age_facts(*age),
        }
    )
