"""Brings the words that letters are written with up to date, in the transaction that leases them."""

from __future__ import annotations

from services.notify.adapters.repositories import NotifyUnitOfWork

from .letters import LetterTemplates, hash_of


async def take_newest(work: NotifyUnitOfWork, templates: LetterTemplates) -> None:
    """Takes the newest version of every template, and keeps the shipped texts: each may go out now, by its hash."""
    await work.templates.keep({(name, hash_of(text)): text for name, text in templates.shipped.items()})
    templates.use(await work.templates.newest())
