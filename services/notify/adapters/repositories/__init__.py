"""Notify's unit of work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shared.database.unit_of_work import Database, UnitOfWork
from shared.policy.shelf import PackShelf
from shared.security.encryption import TableCipher

from .contacts import ContactRepository
from .due import DueQueries
from .duty import LadderRepository, RotaTable
from .messages import AttemptRepository, MessageRepository, ToldRepository
from .partner_events import PartnerEventTable
from .templates import TemplateTable
from .turns import TurnTable
from .webhook_deliveries import WebhookDeliveryTable
from .webhooks import WebhookTable

__all__ = ["NotifyUnitOfWork", "PackShelf", "Store"]


@dataclass(frozen=True, kw_only=True)
class Store:
    """What every unit of work of this process shares."""

    database: Database
    packs: PackShelf
    rota_cipher: TableCipher
    webhook_cipher: TableCipher
    days_off: frozenset[date] = frozenset()
    """The bank holidays of the active pack's calendar."""
    reaches: frozenset[str] = frozenset({"email"})
    """The channels that this deployment has."""


class NotifyUnitOfWork(UnitOfWork):
    """One transaction over contacts, messages, tries, attestations and the duty ladder."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.database)
        self.packs = store.packs
        self.days_off = store.days_off
        self.reaches = store.reaches
        self.contacts = ContactRepository(self)
        self.messages = MessageRepository(self)
        self.ladders = LadderRepository(self)
        self.attempts = AttemptRepository(self)
        self.told = ToldRepository(self)
        self.rota = RotaTable(self, store.rota_cipher)
        self.turns = TurnTable(self)
        self.templates = TemplateTable(self)
        self.due = DueQueries(self)
        self.webhooks = WebhookTable(self, store.webhook_cipher)
        self.webhook_deliveries = WebhookDeliveryTable(self)
        self.partner_events = PartnerEventTable(self)
        for repository in (self.contacts, self.messages, self.ladders, self.attempts, self.told):
            self.enlist(repository)
        self.enlist(self.partner_events)
