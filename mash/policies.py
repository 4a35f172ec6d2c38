"""Policy packs as commands name them: ``<id>@<version>`` of those that are installed, or a folder."""

import os
from collections.abc import Sequence
from pathlib import Path

from mash.refusal import Refused
from shared.policy.faults import Fault, PolicyError
from shared.policy.loader import load_pack, verify
from shared.policy.model import Pack
from shared.service import ROOT


def installed_in() -> Path:
    """Return the folder of the installed packs: MASH_POLICIES_DIR, else the one that ships with the code."""
    return Path(os.environ.get("MASH_POLICIES_DIR", str(ROOT / "policies")))


def faults_of(named: str) -> tuple[Sequence[Fault], Pack | None]:
    """Return everything wrong with a pack, golden cases too, and the pack where it could be read at all.

    Raises:
        Refused: the name is neither a pack's nor a folder's.
    """
    try:
        pack = load_pack(*_place(named))
    except PolicyError as refused:
        return refused.faults, None
    try:
        verify(pack)
    except PolicyError as refused:
        return refused.faults, pack
    return (), pack


def pack_named(named: str) -> Pack:
    """Return a pack that can be read; its golden cases may fail, as a draft's do.

    Raises:
        Refused: there is no such pack, or it cannot be read.
    """
    try:
        return load_pack(*_place(named))
    except PolicyError as refused:
        raise Refused(f"{refused}\n`mash policy validate {named}` lists what is wrong") from refused


def _place(named: str) -> tuple[Path, str]:
    """The folder that holds all packs, and the pack's name: what loading takes."""
    if "@" in named and not Path(named).exists():
        root, ref = installed_in(), named
    else:
        folder = Path(named).absolute()
        root, ref = folder.parents[1], f"{folder.parent.name}@{folder.name}"
    pack_id, _, version = ref.rpartition("@")
    if not (root / pack_id / version).is_dir():
        raise Refused(f"no policy pack at {named}: name <id>@<version> of {installed_in()}, or a folder <id>/<version>")
    return root, ref
