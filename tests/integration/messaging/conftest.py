from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from shared.service import Platform

from .listener import Listener


@pytest.fixture
async def service(platform_for: Callable[[str], Awaitable[Platform]]) -> Listener:
    return Listener(await platform_for("intake"))
