"""Loading a policy pack: YAML to strict models to the frozen pack, and proving it on its own golden cases."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from shared.policy.build import build
from shared.policy.checks import check
from shared.policy.faults import Fault, GoldenCaseError, PolicyError
from shared.policy.files import read_files
from shared.policy.model import Pack
from shared.policy.proof import differences

__all__ = ["GoldenCaseError", "PolicyError", "load_pack", "verify"]

_REF: Final = re.compile(r"^(?P<id>[a-z0-9][a-z0-9-]*)@(?P<version>[0-9]+)$")


def load_pack(root: Path, ref: str = "southampton-pathways-2021@1") -> Pack:
    """Load `<root>/<id>/<version>/*.yaml` and the bases its header names, `<root>/bases/<id>/<version>/*.yaml`.

    PolicyError lists every fault as `file:line: field: problem`. The golden cases are not run here: `verify` does.
    """
    named = _REF.match(ref)
    if named is None:
        raise PolicyError("policy pack refused", [Fault(root.name, 0, "ref", "a policy is named <id>@<version>")])
    files = read_files(root, f"{named['id']}/{named['version']}")
    faults: list[Fault] = []
    pack = build(files, faults)
    faults.extend(check(files, pack))
    if pack.ref != ref:
        faults.append(files.single("pack").fault(f"this folder holds {ref}, the file says {pack.ref}", "id"))
    if faults:
        raise PolicyError(f"policy pack {ref} refused", faults)
    return pack


def verify(pack: Pack) -> None:
    """Run the pack's golden cases; GoldenCaseError names each that it answers otherwise than agreed."""
    faults = [*differences(pack)]
    if not pack.golden:
        faults.append(Fault(pack.ref, 0, "golden", "a pack without golden cases proves nothing"))
    if faults:
        raise GoldenCaseError(f"golden cases of {pack.ref} failed", faults)
