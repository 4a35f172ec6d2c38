"""Words for events: durations, ages, people by position, codes of the policy pack in the pack's own words."""

from datetime import datetime
from zoneinfo import ZoneInfo

from services.notify.domain.model import role_of
from shared.contracts.intake import SubjectTold
from shared.contracts.parts import Age, AgeUnit, Referrer, ReferrerKind, SubjectKind
from shared.contracts.triage import SubjectRated
from shared.policy.model import Pack
from shared.policy.timetable import Basis, Within

SOURCES = {  # referral source of the children in need census (DfE)
    "1A": "family member, relative or carer", "1B": "acquaintance", "1C": "the person themself",
    "1D": "other individual", "2A": "school", "2B": "education service", "3A": "GP", "3B": "health visitor",
    "3C": "school nurse", "3D": "primary health service", "3E": "emergency department", "3F": "health service",
    "4": "housing", "5A": "social care", "5B": "council department", "5C": "other authority",
    "5D": "early help or youth service", "6": "police", "7": "legal service", "8": "other service", "9": "anonymous",
    "10": "source not known",
}  # fmt: skip
REFERRERS = {
    ReferrerKind.INVOLVED_PROFESSIONAL: "involved professional",
    ReferrerKind.PROFESSIONAL: "professional",
    ReferrerKind.FAMILY: "family",
    ReferrerKind.PUBLIC: "member of the public",
    ReferrerKind.ANONYMOUS: "no name given",
    ReferrerKind.OTHER: "other referrer",
}
KINDS = {
    SubjectKind.CHILD: "child",
    SubjectKind.UNBORN: "unborn child",
    SubjectKind.ADULT: "adult",
    SubjectKind.UNKNOWN: "person not named",
    SubjectKind.OTHER: "person",
}
CAUSES = {
    "person": "by a person",
    "history": "for what was known before",
    "information": "for what was told since",
    "linked": "with what a linked contact tells",
    "restated": "as it was told anew",
    "received": "as it was told",
}
CHANNELS = {
    "email": "the mail system",
    "smtp": "the mail system",
    "mailbox": "the mail folder",
    "sms": "the text message service",
    "webhook": "the partner's system",
}
MINUTE, HOUR, DAY = 60, 3600, 86_400


def what_for(cause: str) -> str:
    """Why a contact was rated again."""
    return CAUSES.get(cause, f"because: {plain(cause)}")


def plain(code: str) -> str:
    """A code as words, where nothing better is known."""
    return code.replace("_", " ").replace("-", " ").replace("childrens", "children's")


def channel(code: str) -> str:
    """Who took a message over: "the mail system"."""
    return CHANNELS.get(code, plain(code))


def rung(pack: Pack, code: str, at: datetime) -> str:
    """Who answers on a step of the paging ladder at that time: out of hours it may be another team."""
    known = code.isdecimal() and int(code) < len(pack.ladder)
    return plain(role_of(pack.ladder[int(code)], pack.calendar, at) if known else code)


def lower_first(words: str) -> str:
    """For the middle of a sentence; abbreviations stay."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def counted(number: int, what: str) -> str:
    """A number of things: "1 contact", "3 people"."""
    return f"{number} {what if number == 1 else {'person': 'people'}.get(what, f'{what}s')}"


def duration(seconds: float) -> str:
    """Seconds in the unit a person would use: "4 s", "10 min", "6 h", "45 d"."""
    if seconds < 1:
        return "under 1 s"
    if seconds < 2 * MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 2 * HOUR:
        return f"{seconds / MINUTE:.0f} min"
    if seconds < 2 * DAY:
        return f"{seconds / HOUR:.1f}".removesuffix(".0") + " h"
    return f"{seconds / DAY:.0f} d"


def within(rule: Within) -> str:
    """What a clock allows: "6 h", "1 working day"."""
    if rule.basis is Basis.WORKING_DAYS:
        return f"{rule.amount} working day{'s' if rule.amount != 1 else ''}"
    minutes = rule.amount
    size = f"{minutes} min" if minutes % MINUTE else f"{minutes // MINUTE} h"
    return size if rule.basis is Basis.ELAPSED else f"{size} of working time"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A time of day where the front door is."""
    return at.astimezone(zone).strftime("%H:%M:%S")


def moment_and_day(at: datetime, zone: ZoneInfo, *, today: datetime) -> str:
    """A time of day, with the day where it is another one."""
    local = at.astimezone(zone)
    same = local.date() == today.astimezone(zone).date()
    return local.strftime("%H:%M" if same else "%a %d %b %H:%M")


def referrer(told: Referrer) -> str:
    """Who told us, as a kind of person: "health visitor (involved professional)"."""
    source = SOURCES.get(told.source_code, "source not known")
    kind = REFERRERS[told.kind]
    return source if source == "anonymous" else f"{source} ({kind})"


def age(told: Age) -> str:
    """An age: "8 weeks", "expected in 14 weeks", "age not known"."""
    if told.value is None:
        return "age not known"
    about = "about " if told.estimated else ""
    match told.unit:
        case AgeUnit.WEEKS | AgeUnit.MONTHS | AgeUnit.YEARS:
            unit = told.unit.value if told.value != 1 else told.unit.value.removesuffix("s")
            return f"{about}{told.value} {unit}"
        case AgeUnit.WEEKS_TO_BIRTH:
            return f"expected in {told.value} weeks"
        case _:
            return "age not known"


def subject(told: SubjectTold) -> str:
    """One subject, as far as may be said: "child, 8 weeks"."""
    kind = KINDS[told.kind]
    return kind if told.kind is SubjectKind.UNKNOWN else f"{kind}, {age(told.age_at_incident)}"


def because(pack: Pack, rated: SubjectRated) -> str:
    """Why a subject has its rating: the text of the rule that weighs most, with its id and place in the document."""
    rules = {rule.id: rule for rule in pack.rules}
    fired = [rules[rule_id] for rule_id in rated.rules if rule_id in rules]
    fallbacks = {
        one.rule: one for one in (pack.fallbacks.unrated, pack.fallbacks.unrecognised, pack.fallbacks.unmatched)
    }
    for rule_id, fallback in fallbacks.items():
        if rule_id in rated.rules:
            return f"{fallback.text.rstrip('.')} ({rule_id})"
    if not fired:
        return ", ".join(rated.rules) or "no reason was said"

    def weight(rule_id: str) -> tuple[int, int]:
        rule = rules[rule_id]
        route = pack.routes[rule.route].rank if rule.route else 0
        return route, pack.outcomes[rule.outcome].rank if rule.outcome else 0

    heaviest = max(fired, key=lambda rule: weight(rule.id))
    return f"{heaviest.text.rstrip('.')} ({heaviest.id}, {heaviest.place.partition(';')[0]})"
