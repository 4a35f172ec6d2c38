"""What several of triage's answers are made of."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class View(BaseModel):
    """An answer, or a part of one."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True)


class CodeView(View):
    """A code of the policy pack, and its words."""

    code: str
    words: str
