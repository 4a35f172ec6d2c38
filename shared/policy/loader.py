"""Loading a policy pack: YAML to strict models to the frozen pack, and proving it on its own golden cases."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from shared.policy.build import build
from shared.policy.checks import check
from shared.policy.clocks import clocks_for, rated_attributes
from shared.policy.evaluate import SubjectRating, rate
from shared.policy.facts import facts_from
from shared.policy.faults import Fault, GoldenCaseError, PolicyError
from shared.policy.files import read_files
from shared.policy.model import GoldenCase, Pack

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
    """Run the pack's golden cases; GoldenCaseError names each that is rated otherwise than agreed."""
    faults = [fault for case in pack.golden for fault in _differences(pack, case)]
    if not pack.golden:
        faults.append(Fault(pack.ref, 0, "golden", "a pack without golden cases proves nothing"))
    if faults:
        raise GoldenCaseError(f"golden cases of {pack.ref} failed", faults)


def _differences(pack: Pack, case: GoldenCase) -> list[Fault]:
    rated = rate(pack, facts_from(case.facts))
    agreed_and_found: dict[str, tuple[object, object]] = {
        "rating": (case.rating, rated.rating),
        "routes": (list(case.routes), list(rated.routes)),
        "proposed_route": (case.proposed_route, rated.proposed_route),
        "outcome": (case.outcome, rated.outcome),
        "level": (case.level, rated.level),
        "rules": (sorted(case.rules), sorted(rated.rules)),
        "flags": (sorted(case.flags), sorted(rated.flags)),
    }
    if case.clocks is not None:
        agreed_and_found["clocks"] = (sorted(case.clocks), sorted(_clocks(pack, rated)))
    file, _, line = case.line.rpartition(":")
    return [
        Fault(file, int(line), f"{case.name}: {field}", f"agreed {agreed}, found {found}")
        for field, (agreed, found) in agreed_and_found.items()
        if agreed != found
    ]


def _clocks(pack: Pack, rated: SubjectRating) -> list[str]:
    return [rule.kind for rule in clocks_for(pack, "ContactRated", rated_attributes(pack, rated.routes))]
