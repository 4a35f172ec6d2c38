"""Whether a text may become a template: it parses, uses only what it may, and can be rendered whatever is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from jinja2 import TemplateError, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables

from services.notify.domain.policy.samples import samples
from services.notify.domain.policy.templates import Form, TemplateFault, plain_faults, told_in_words

from .letters import SANDBOX, compiled

_NODES: Final = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Const,
    nodes.Slice,
    nodes.For,
    nodes.If,
    nodes.CondExpr,
    nodes.Filter,
    nodes.Not,
    nodes.And,
    nodes.Or,
    nodes.Compare,
    nodes.Operand,
)
"""No calls, no assignments, no arithmetic, no including: a letter says what it is given, in bounded time."""
_FILTERS: Final = frozenset({"upper", "lower", "capitalize", "join", "first", "last", "length"})
_ATTRIBUTES: Final = frozenset({"who", "words", "reasons", "services", "reference", "rating", "link"})
_LOOP: Final = frozenset({"first", "last", "index"})


def faults_of(form: Form, text: str, outcomes: Iterable[str]) -> list[TemplateFault]:
    """Everything wrong with ``text`` as a template of this form; ``outcomes`` are the pack's words for its outcomes."""
    found = [*plain_faults(text), *told_in_words(form, text, outcomes)]
    subject, _, body = text.partition("\n")
    for part, first, allowed in ((subject, 1, form.subject), (body, 2, form.values)):
        found += _of_part(part, first, allowed)
    if not found:
        found += _missing(form, body)
        found += _rendered(form, text)
    return found


def _of_part(source: str, first: int, allowed: frozenset[str]) -> Iterator[TemplateFault]:
    try:
        parsed = SANDBOX.parse(source)
    except TemplateSyntaxError as fault:
        line = first + fault.lineno - 1
        yield TemplateFault(code="does_not_parse", detail="The braces and blocks do not fit together.", line=line)
        return
    for node in parsed.find_all(nodes.Node):
        if not isinstance(node, _NODES) or (isinstance(node, nodes.Filter) and node.name not in _FILTERS):
            known = ", ".join(sorted(_FILTERS))
            detail = f"Only values, if, for and the filters {known} may be used."
            yield TemplateFault(code="construct_not_allowed", detail=detail, line=first + node.lineno - 1)
        elif isinstance(node, nodes.Getattr) and not _may_read(node):
            detail = f"Of a value only these parts may be used: {', '.join(sorted(_ATTRIBUTES))}."
            yield TemplateFault(code="value_not_allowed", detail=detail, line=first + node.lineno - 1)
    unknown = find_undeclared_variables(parsed) - allowed
    for name in parsed.find_all(nodes.Name):
        if name.name in unknown:
            detail = f"Only these values may be used here: {', '.join(sorted(allowed))}."
            yield TemplateFault(code="value_not_allowed", detail=detail, line=first + name.lineno - 1)


def _may_read(node: nodes.Getattr) -> bool:
    of_loop = isinstance(node.node, nodes.Name) and node.node.name == "loop"
    return node.attr in (_LOOP if of_loop else _ATTRIBUTES)


def _missing(form: Form, body: str) -> Iterator[TemplateFault]:
    used = find_undeclared_variables(SANDBOX.parse(body))
    for name in sorted(form.must_use - used):
        yield TemplateFault(code="value_missing", detail=f"The letter must use {name}: without it nobody can ask back.")


def _rendered(form: Form, text: str) -> Iterator[TemplateFault]:
    for name, values in samples(form).items():
        try:
            subject, body = compiled(text).render(values)
        except (TemplateError, TypeError, ValueError, IndexError):
            subject = body = ""
        if not subject.strip() or not body.strip():
            yield TemplateFault(code="does_not_render", detail=f"It cannot be written with the sample {name}.")
