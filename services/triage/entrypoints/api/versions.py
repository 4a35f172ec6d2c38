"""The policy packs that are installed, and what one version would have said where another spoke."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Request

from services.triage.adapters.repositories import stored_facts
from services.triage.adapters.repositories.stored_facts import Window
from services.triage.bootstrap import Triage
from services.triage.entrypoints.api.turn import Here
from services.triage.entrypoints.schemas import policies
from services.triage.entrypoints.schemas.backtests import BacktestBody, BacktestView, backtest_view
from shared.database.faults import NotYet
from shared.policy.backtest import Backtest
from shared.policy.model import Pack
from shared.policy.shelf import installed
from shared.web import Caller, FieldError, Problem, allow, not_found, note_look

Staff = Annotated[Caller, allow("practitioner", "manager", "admin")]
Owner = Annotated[Caller, allow("manager", "admin")]

router = APIRouter(prefix="/v1/policies", tags=["policies"])


@router.get("", response_model=policies.Policies, summary="The policy packs that are installed")
async def read_policies(caller: Staff, triage: Here) -> policies.Policies:  # noqa: ARG001
    """Every version that is installed, and which of them contacts are rated with."""
    return await asyncio.to_thread(_listed, triage)


def _listed(triage: Triage) -> policies.Policies:
    active = triage.platform.pack.ref
    found = [_usable(triage, ref) for ref in installed(triage.platform.settings.policies_directory)]
    return policies.Policies(policies=[policies.policy_listed(pack, active=active) for pack in found if pack])


def _usable(triage: Triage, ref: str) -> Pack | None:
    """The pack; None where a service would not start with it: `mash policy validate` says why."""
    try:
        return triage.packs.named(ref)
    except NotYet:
        return None


@router.get("/{policy_id}", response_model=policies.PolicyView, summary="One policy pack")
async def read_policy(policy_id: str, caller: Staff, triage: Here) -> policies.PolicyView:  # noqa: ARG001
    """The codes that staff choose from, with their words; by id and version as in ``id@1``. By id alone: the version
    in force, else the newest.
    """
    pack = await asyncio.to_thread(_found, triage, policy_id)
    if pack is None:
        raise not_found()
    return policies.policy_view(pack)


def _found(triage: Triage, name: str) -> Pack | None:
    """An installed pack by ``id@version``, or by id alone. What is not installed is never looked for on the disk."""
    active = triage.platform.pack
    if name in (active.id, active.ref):
        return active
    refs = installed(triage.platform.settings.policies_directory)
    ref = next((ref for ref in reversed(refs) if name in (ref, ref.partition("@")[0])), None)
    return _usable(triage, ref) if ref is not None else None


@router.post("/{policy_id}/backtest", response_model=BacktestView, summary="What this version would have said")
async def backtest(policy_id: str, body: BacktestBody, request: Request, caller: Owner, triage: Here) -> BacktestView:
    """Replays stored facts under the version in the body and under this one: a table of ratings and outcomes, every
    subject that this one asks less for, and the work by hour of the day. Changes nothing; audited.
    """
    new, old = await asyncio.to_thread(_found, triage, policy_id), await asyncio.to_thread(_found, triage, body.against)
    if new is None:
        raise not_found()
    if old is None:
        detail = "No such policy is installed: see GET /v1/policies."
        raise Problem(422, "not_valid", errors=[FieldError("/against", "unknown_policy", detail)])
    if triage.backtesting.locked():
        detail = "Another backtest is running in this process; wait for it."
        raise Problem(409, "backtest_running", detail=detail, headers={"Retry-After": "20"})
    async with triage.backtesting:
        return await _replay(triage, request, caller, Backtest(old, new), body)


async def _replay(
    triage: Triage, request: Request, caller: Caller, replayed: Backtest, body: BacktestBody
) -> BacktestView:
    window, engine = Window(since=body.since, until=body.until), triage.platform.engine
    async for rows in stored_facts.pages(engine, window, limit=body.limit):
        await asyncio.to_thread(lambda rows=rows: replayed.replay(stored_facts.contacts_in(rows)))
    async with triage.work() as work:
        everything = await stored_facts.count(work.connection, window)
        view = backtest_view(replayed, window, complete=replayed.tallies.contacts >= everything)
        shown = {one.contact_id for one in replayed.tallies.downgrades}
        await note_look(work, request, caller, contact_ids=shown, action="policy.backtest", outcome="shown")
        await work.commit()
    return view
