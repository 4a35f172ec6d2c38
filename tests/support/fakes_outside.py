"""A scripted outside for notify's couriers: channels, and where addresses come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.notify.application.ports import Accepted, Letter, Recipient, SendResult
from tests.support.builders_notify import EMAIL


@dataclass
class ScriptedChannel:
    """Takes letters and answers as it was told to; accepts once the script is at its end."""

    script: list[SendResult | Exception] = field(default_factory=list[SendResult | Exception])
    taken: list[Letter] = field(default_factory=list[Letter])
    name: str = "email"

    def host(self, letter: Letter) -> str:
        del letter
        return f"{self.name}.example.org"

    async def send(self, letter: Letter) -> SendResult:
        self.taken.append(letter)
        answer = self.script.pop(0) if self.script else Accepted()
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class ScriptedAddressBook:
    """Knows one address for everybody, or nobody, or is away."""

    answer: Recipient | Exception | None = field(
        default_factory=lambda: Recipient(email=EMAIL, sender_reference="SCH/2026/14")
    )
    asked: int = 0

    async def recipient(self, contact_id: UUID) -> Recipient | None:
        del contact_id
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class SlowChannel(ScriptedChannel):
    """A channel during whose call something else happens."""

    def __init__(self, meanwhile: Any) -> None:
        super().__init__()
        self._meanwhile = meanwhile

    async def send(self, letter: Letter) -> SendResult:
        await self._meanwhile()
        return await super().send(letter)
