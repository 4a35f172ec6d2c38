"""Puts a message into words for the channel it goes by: an e-mail holds all, a text message is short."""

from __future__ import annotations

from dataclasses import dataclass

from services.notify.adapters.repositories import PackShelf
from services.notify.application.commands.delivering import Errand
from services.notify.application.ports import Letter
from services.notify.domain.policy import routing
from services.notify.domain.policy.templates import template_for
from services.notify.domain.policy.wording import words_for

from .addressing import Addressed
from .letters import LetterTemplates


@dataclass(frozen=True, kw_only=True)
class Writer:
    """Writes letters."""

    packs: PackShelf
    templates: LetterTemplates
    phone: str

    def letter(self, errand: Errand, addressed: Addressed) -> Letter:
        """The letter. Raises CannotWrite where a person must act, NotYet where its policy is not to be had here."""
        message = errand.message
        words = words_for(message, errand.contact, self.packs.find)
        words |= {"sender_reference": addressed.sender_reference, "phone": self.phone}
        written = self.templates.write(template_for(message.template, short=addressed.reach == routing.SMS), words)
        return Letter(
            message_id=message.id,
            to=addressed.to,
            subject=written.subject,
            body=written.body,
            template_hash=written.template_hash,
            again=message.attempts > 0,
        )
