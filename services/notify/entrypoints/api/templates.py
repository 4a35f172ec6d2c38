"""Templates: read, tried, replaced, and set back to the words that are shipped."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from services.notify.adapters.channels.letter_checks import faults_of
from services.notify.adapters.channels.letters import LetterTemplates, compiled, hash_of
from services.notify.adapters.repositories import NotifyUnitOfWork
from services.notify.adapters.repositories.templates import Version
from services.notify.bootstrap import Notify
from services.notify.domain.policy.reading import Reading, reading_of
from services.notify.domain.policy.samples import samples
from services.notify.domain.policy.templates import FORMS, Form
from services.notify.entrypoints.schemas import (
    PreviewedOut,
    PreviewIn,
    PreviewOut,
    ReadingOut,
    TemplateDetail,
    TemplateIn,
    TemplateList,
    TemplateOut,
    TemplateTextOut,
    TemplateVersionOut,
)
from shared.web import Caller, FieldError, Problem, allow, etag, not_found, note_look, require_match

Reader = Annotated[Caller, allow("practitioner", "manager", "ops", "admin")]
Author = Annotated[Caller, allow("manager", "admin")]
FIRST_SAMPLE: Final = "usual"


def router(notify: Notify) -> APIRouter:
    """The routes under /v1/templates."""
    routes = APIRouter(prefix="/v1/templates", tags=["templates"])
    _showing(routes, notify)
    _changing(routes, notify)
    return routes


def _showing(routes: APIRouter, notify: Notify) -> None:
    @routes.get("", response_model=TemplateList, summary="Every template, and which words are in force")
    async def list_templates(caller: Reader) -> TemplateList:
        del caller
        async with notify.work() as work:
            newest = {version.name: version for version in await work.templates.versions()}
        letters = notify.letters
        return TemplateList(templates=[_shown(letters, name, newest.get(name)) for name in sorted(FORMS)])

    @routes.get("/{name}", response_model=TemplateDetail, summary="One template with its text and history")
    async def get_template(name: str, caller: Reader) -> Response:
        del caller
        _form(name)
        async with notify.work() as work:
            return await _detail(work, notify.letters, name)


def _changing(routes: APIRouter, notify: Notify) -> None:
    @routes.put("/{name}", response_model=TemplateDetail, summary="New words, checked before they are taken")
    async def put_template(name: str, body: TemplateIn, request: Request, caller: Author) -> Response:
        _refuse_faulty(notify, _form(name), body.text)
        return await _change(notify, name, request, caller, text=body.text)

    @routes.delete("/{name}", response_model=TemplateDetail, summary="Back to the words that are shipped")
    async def delete_template(name: str, request: Request, caller: Author) -> Response:
        _form(name)
        return await _change(notify, name, request, caller, text=None)

    @routes.post("/{name}/preview", response_model=PreviewOut, summary="What a reader would get. Nothing is kept")
    async def preview(name: str, body: PreviewIn, caller: Author) -> PreviewOut:
        """With the words in force or with others, about invented contacts. Needs no Idempotency-Key."""
        del caller
        form = _form(name)
        if body.text is not None:
            _refuse_faulty(notify, form, body.text)
            return _preview(form, body.text, body.sample)
        async with notify.work() as work:
            newest = await work.templates.newest()
        return _preview(form, newest.get(name, notify.letters.shipped[name]), body.sample)


def _form(name: str) -> Form:
    form = FORMS.get(name)
    if form is None:
        raise not_found()
    return form


def _refuse_faulty(notify: Notify, form: Form, text: str) -> None:
    """Raises Problem 422 that says everything wrong with the text, by line, without repeating any of it."""
    pack = notify.platform.pack
    faults = faults_of(form, text, [outcome.plain_words for outcome in pack.outcomes.values()])
    errors = [
        FieldError("/text", fault.code, fault.detail if fault.line is None else f"Line {fault.line}: {fault.detail}")
        for fault in faults
    ]
    if errors:
        raise Problem(422, "template_refused", detail="This cannot be a template; see errors.", errors=errors)


async def _change(notify: Notify, name: str, request: Request, caller: Caller, *, text: str | None) -> Response:
    """The next version: these words, or for None the shipped ones. What is in force already makes no version."""
    content_hash = None if text is None else hash_of(text)
    async with notify.work() as work:
        await work.templates.lock(name)
        versions = await work.templates.versions(name)
        newest = versions[-1] if versions else None
        number = newest.version if newest else 0
        require_match(request, number)
        if content_hash != (newest.hash if newest else None):
            await work.templates.keep({(name, hash_of(text)): text} if text is not None else {})
            await work.templates.add(name, version=number + 1, content_hash=content_hash, by=caller.subject)
        action = "template.reset" if text is None else "template.replaced"
        await note_look(work, request, caller, action=action, contact_ids=[], outcome="done")
        answer = await _detail(work, notify.letters, name)
        await work.commit()
    return answer


async def _detail(work: NotifyUnitOfWork, letters: LetterTemplates, name: str) -> Response:
    versions, texts = await work.templates.versions(name), await work.templates.texts(name)
    newest = versions[-1] if versions else None
    text = (newest.text if newest else None) or letters.shipped[name]
    shown = TemplateDetail(
        **_shown(letters, name, newest).model_dump(),
        text=text,
        reading=_reading(FORMS[name], text),
        samples=[*samples(FORMS[name])],
        history=[_version(each) for each in versions],
        texts=[TemplateTextOut.model_validate(each, from_attributes=True) for each in texts],
    )
    number = newest.version if newest else 0
    return JSONResponse(shown.model_dump(mode="json"), headers={"ETag": etag(number)})


def _shown(letters: LetterTemplates, name: str, newest: Version | None) -> TemplateOut:
    form = FORMS[name]
    return TemplateOut(
        name=name,
        audience=form.audience,
        version=newest.version if newest else 0,
        shipped=newest is None or newest.hash is None,
        hash=(newest.hash if newest else None) or hash_of(letters.shipped[name]),
        values=sorted(form.values),
        subject_values=sorted(form.subject),
        tells_outcome=form.tells_outcome,
        changed_at=newest.changed_at if newest else None,
        changed_by=newest.changed_by if newest else None,
    )


def _version(version: Version) -> TemplateVersionOut:
    return TemplateVersionOut(
        version=version.version,
        shipped=version.hash is None,
        hash=version.hash,
        changed_at=version.changed_at,
        changed_by=version.changed_by,
    )


def _reading(form: Form, text: str) -> ReadingOut:
    _, body = compiled(text).render(samples(form)[FIRST_SAMPLE])
    return _measured(reading_of(body))


def _measured(reading: Reading) -> ReadingOut:
    return ReadingOut(mean_words=reading.mean_words, longest=reading.longest, plain=reading.plain)


def _preview(form: Form, text: str, sample: str | None) -> PreviewOut:
    known = samples(form)
    if sample is not None and sample not in known:
        detail = f"Not a sample of this template: {', '.join(known)}."
        raise Problem(422, "not_valid", errors=[FieldError("/sample", "unknown_sample", detail)])
    letters = {name: compiled(text).render(known[name]) for name in ([sample] if sample else known)}
    return PreviewOut(
        hash=hash_of(text),
        reading=_reading(form, text),
        letters=[PreviewedOut(sample=name, subject=subject, body=body) for name, (subject, body) in letters.items()],
    )
