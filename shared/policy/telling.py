"""Which events tell whom what, by the pack. Pure; templates are named here, written and sent by notify."""

from __future__ import annotations

from shared.policy.clocks import Attributes
from shared.policy.model import Pack
from shared.policy.timetable import AlertRule, MessageRule


def messages_for(
    pack: Pack, event: str, *, referrer_kind: str, attributes: Attributes | None = None
) -> tuple[MessageRule, ...]:
    """Messages to the referrer that this event asks for; none for a kind of referrer no rule names."""
    said = attributes or {}
    return tuple(rule for rule in pack.messages if referrer_kind in rule.referrer_kinds and rule.on.met_by(event, said))


def alerts_for(pack: Pack, event: str, attributes: Attributes) -> tuple[AlertRule, ...]:
    """Alerts to staff on duty that this event asks for; `rung` is an index into `pack.ladder`."""
    return tuple(rule for rule in pack.alerts if rule.on.met_by(event, attributes))
