"""The committed dashboards are what the generator writes, and ask only for what our processes export."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mash.dashboards import DASHBOARDS, FOLDER, HEIGHT, WIDTH, dashboard, written
from tests.unit.operations.test_alarms import unknown


def test_what_is_committed_is_what_is_generated() -> None:
    stale = [path.name for path, content in written().items() if path.read_text(encoding="utf-8") != content]
    assert stale == [], "run `python -m mash.dashboards`"
    assert {path.name for path in FOLDER.glob("*.json")} == {path.name for path in written()}


@pytest.mark.parametrize("uid", DASHBOARDS)
def test_every_query_asks_for_what_is_exported(uid: str) -> None:
    queries = [target["expr"] for panel in dashboard(uid)["panels"] for target in panel["targets"]]
    assert len(queries) >= len(DASHBOARDS[uid][1])
    assert {query: unknown(query) for query in queries if unknown(query)} == {}


@pytest.mark.parametrize("uid", DASHBOARDS)
def test_panels_have_a_place_of_their_own(uid: str) -> None:
    taken: set[tuple[int, int]] = set()
    panels: list[dict[str, Any]] = dashboard(uid)["panels"]
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + HEIGHT)
        }
        assert place["x"] + place["w"] <= WIDTH
        assert not cells & taken, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len({panel["title"] for panel in panels}) == len(panels)
    json.dumps(panels, allow_nan=False)
