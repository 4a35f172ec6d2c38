"""The Grafana dashboards of ops/grafana: data that is written from here and not edited by hand."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from mash.dashboards.panels import CHILDREN, MACHINERY, Panel

FOLDER: Final = Path(__file__).resolve().parents[2] / "ops" / "grafana"
WIDTH: Final = 24
HEIGHT: Final = 8
SOURCE: Final = {"type": "prometheus", "uid": "prometheus"}

DASHBOARDS: Final[dict[str, tuple[str, Sequence[Panel]]]] = {
    "children": ("Front door: children and promises", CHILDREN),
    "machinery": ("Front door: machinery", MACHINERY),
}


def dashboard(uid: str) -> dict[str, Any]:
    """One dashboard as Grafana reads it."""
    title, panels = DASHBOARDS[uid]
    return {
        "uid": f"mash-{uid}",
        "title": title,
        "tags": ["mash"],
        "timezone": "browser",
        "schemaVersion": 39,
        "version": 1,
        "refresh": "15s",
        "time": {"from": "now-6h", "to": "now"},
        "panels": _placed(panels),
    }


def _placed(panels: Sequence[Panel]) -> list[dict[str, Any]]:
    """Panels from left to right, a new row where one does not fit."""
    placed: list[dict[str, Any]] = []
    x = y = 0
    for number, panel in enumerate(panels, 1):
        if x + panel.width > WIDTH:
            x, y = 0, y + HEIGHT
        placed.append(_drawn(panel, number) | {"gridPos": {"x": x, "y": y, "w": panel.width, "h": HEIGHT}})
        x += panel.width
    return placed


def _drawn(panel: Panel, number: int) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.limit is not None:
        steps.append({"color": "red", "value": panel.limit})
    return {
        "id": number,
        "type": "stat" if panel.stat else "timeseries",
        "title": panel.title,
        "description": panel.what,
        "datasource": SOURCE,
        "fieldConfig": {
            "defaults": {"unit": panel.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}},
            "overrides": [],
        },
        "targets": [
            {"refId": chr(ord("A") + place), "expr": query, "legendFormat": legend, "datasource": SOURCE}
            for place, (query, legend) in enumerate(panel.queries)
        ],
    }


def written() -> dict[Path, str]:
    """Each file and what stands in it."""
    return {
        FOLDER / f"{uid}.json": json.dumps(dashboard(uid), indent=2, ensure_ascii=False) + "\n" for uid in DASHBOARDS
    }
