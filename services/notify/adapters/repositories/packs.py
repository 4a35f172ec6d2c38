"""Policy packs by version: the active one, and older ones that contacts were rated and decided with."""

from __future__ import annotations

from pathlib import Path

from shared.contracts.parts import PolicyVersion
from shared.database.faults import NotYet
from shared.policy.faults import PolicyError
from shared.policy.loader import load_pack
from shared.policy.model import Pack


class PackShelf:
    """Packs as they were published. Read from disk once each: a published pack never changes."""

    def __init__(self, active: Pack, directory: Path) -> None:
        self._active = active
        self._directory = directory
        self._packs = {active.ref: active}

    @property
    def active(self) -> Pack:
        """The one in force here."""
        return self._active

    def find(self, ref: str | None) -> Pack:
        """The pack ``ref``, the active one for None. Raises NotYet where it is not installed here."""
        return self._active if ref is None else self.named(ref)

    def named(self, ref: str) -> Pack:
        """The pack ``ref``. Raises NotYet where it is not installed here: the work waits, loudly."""
        if ref not in self._packs:
            try:
                self._packs[ref] = load_pack(self._directory, ref)
            except (PolicyError, OSError) as missing:
                raise NotYet(f"policy {ref} is not installed here") from missing
        return self._packs[ref]

    def of(self, policy: PolicyVersion) -> Pack:
        """The version an event was made with. Raises NotYet where it is missing, or another than its name says."""
        pack = self.named(f"{policy.id}@{policy.version}")
        if pack.content_hash != policy.hash:
            raise NotYet(f"policy {pack.ref} here is not the one the event was made with")
        return pack
