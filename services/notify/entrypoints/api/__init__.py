"""Notify's REST API."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI

from services.notify.bootstrap import Notify, open_notify
from services.notify.settings import read_settings
from shared.process import serve
from shared.web import create_app

from . import duty, letters, mailbox, notifications, receipts, templates, told, webhooks

DESCRIPTION = "Who has been told, with proof; what a person must tell; who is alerted. Nothing ends in silence."


def make_app(notify: Notify) -> FastAPI:
    """The application over an open notify."""
    platform = notify.platform
    return create_app(
        title="MASH notify",
        service="notify",
        description=DESCRIPTION,
        routers=[
            notifications.router(notify),
            letters.router(notify),
            told.router(notify),
            duty.router(notify),
            webhooks.router(notify),
            templates.router(notify),
            receipts.router(notify),
            *([mailbox.router(notify, notify.mailbox)] if notify.mailbox else []),
        ],
        verifier=platform.verifier,
        checks=platform.checks(),
        version=platform.version,
        metrics=platform.metrics,
    )


async def main(stop: asyncio.Event) -> None:
    """Serves until ``stop``."""
    settings = read_settings()
    async with open_notify(settings) as notify:
        await serve(make_app(notify), host=settings.common.host, port=settings.common.port, stop=stop)
