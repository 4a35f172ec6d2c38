"""What a story remembers of one contact, and what it still waits to hear."""

from dataclasses import dataclass, field
from uuid import UUID

from shared.contracts.deadlines import Clock
from shared.contracts.parts import Referrer
from shared.policy.model import Pack
from shared.policy.telling import messages_for


@dataclass(slots=True, kw_only=True)
class Thread:
    """What the story knows of one contact."""

    reference: str = "?"
    referrer: Referrer | None = None
    subjects: int = 0
    rating: str | None = None
    pages: bool = False
    alerted: bool = False
    opened: bool = False
    acknowledged: bool = False
    undecided: int | None = None
    informed: bool = False
    undelivered: bool = False
    challenged: bool = False
    linked: bool = False
    closed: bool = False
    again: bool = False
    """Rated at least once more than at first."""
    running: dict[tuple[UUID, int], Clock] = field(default_factory=dict)
    met: int = 0
    met_late: int = 0
    missed: int = 0
    told: bool = False
    """ContactReceived was heard: it arrived during this story."""

    def awaits(self, pack: Pack) -> tuple[str, ...]:
        """What is still to come of what has been set going. Nothing here is late: it has only not been heard yet."""
        if self.referrer is None:
            return ("received",)
        kind, reachable = self.referrer.kind.value, self.referrer.has_address
        receipt = reachable and bool(messages_for(pack, "ContactReceived", referrer_kind=kind))
        decided = {"all_decided": True}
        outcome = reachable and bool(messages_for(pack, "DecisionMade", referrer_kind=kind, attributes=decided))
        waits = {
            "rated": self.rating is None,
            "clocks set": not (self.running or self.met or self.met_late or self.missed),
            "duty alerted": self.pages and not (self.alerted or self.opened),  # nobody is woken for what is open
            "acknowledged": receipt and not (self.acknowledged or self.undelivered),
            "informed": outcome and self.undecided == 0 and not (self.informed or self.undelivered),
        }
        return tuple(what for what, waiting in waits.items() if waiting)
