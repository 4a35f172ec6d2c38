"""Policy packs by version: the active one, and those that events were made with."""

from __future__ import annotations

from pathlib import Path

from shared.database.faults import NotYet
from shared.policy.faults import PolicyError
from shared.policy.loader import load_pack, verify
from shared.policy.model import Pack


def installed(directory: Path) -> tuple[str, ...]:
    """The packs in ``directory`` as settings name them, ``<id>@<version>``, newest version of each id last."""
    folders = {path.parent for path in directory.glob("*/*/*.yaml") if path.parent.name.isdecimal()}
    named = sorted((folder.parent.name, int(folder.name), folder.name) for folder in folders)
    return tuple(f"{pack_id}@{version}" for pack_id, _, version in named)


class PackShelf:
    """Packs as they were published, read and proven once each: a published pack never changes."""

    def __init__(self, active: Pack, directory: Path) -> None:
        self.active = active
        self._directory = directory
        self._packs = {active.ref: active}

    def find(self, ref: str | None) -> Pack:
        """The pack ``ref``, the active one for None. Raises NotYet where it is not installed here."""
        return self.active if ref is None else self.named(ref)

    def named(self, ref: str) -> Pack:
        """The pack ``ref``. Raises NotYet where it is not installed here: the work waits, loudly."""
        if ref not in self._packs:
            try:
                pack = load_pack(self._directory, ref)
                verify(pack)
            except (PolicyError, OSError) as missing:
                raise NotYet(f"policy {ref} is not installed here") from missing
            self._packs[ref] = pack
        return self._packs[ref]

    def exactly(self, policy_id: str, version: str, content_hash: str) -> Pack:
        """The version an event was made with. Raises NotYet where it is missing, or another than its name says."""
        pack = self.named(f"{policy_id}@{version}")
        if pack.content_hash != content_hash:
            raise NotYet(f"policy {pack.ref} here is not the one the event was made with")
        return pack
