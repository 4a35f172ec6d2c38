"""Time, ids and chance come in as arguments; only the edges commit; nothing happens at import."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import yaml

from .sources import ROOT, docstring_lines, dotted, name_of, python_files, report, tree_of

FORBIDDEN_CALLS = (
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.monotonic", "uuid.uuid4",
    "uuid4", "uuid.uuid1", "uuid1", "os.urandom", "asyncio.sleep",
)  # fmt: skip
MOST_HANDLER_LINES = 20
FORBIDDEN_BUILTINS = {"print", "open", "input"}
FORBIDDEN_MODULES = {"random", "secrets", "time", "socket", "os", "pathlib", "subprocess"}


def inner_files(*layers: str) -> list[Path]:
    """The files of these layers of all services."""
    return [
        path for path in python_files("services") if path.relative_to(ROOT).parts[2:3] in {(one,) for one in layers}
    ]


def test_domain_and_application_take_time_ids_and_chance_as_arguments() -> None:
    offenders: list[str] = []
    for path in inner_files("domain", "application"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and any(
                dotted(node.func) == call
                or dotted(node.func).endswith(f".{call}")
                or dotted(node.func) in FORBIDDEN_BUILTINS
                for call in FORBIDDEN_CALLS
            ):
                offenders.append(f"{name_of(path)}:{node.lineno} {dotted(node.func)}()")
            imported = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            imported += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            offenders += [f"{name_of(path)} imports {one}" for one in imported if one in FORBIDDEN_MODULES]
    assert not offenders, report(offenders)


def test_the_domain_does_not_wait() -> None:
    offenders = [
        f"{name_of(path)}:{node.lineno}"
        for path in inner_files("domain")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncWith | ast.AsyncFor)
    ]
    assert not offenders, report(offenders)


TIMED_LOOPS = {
    "services/intake/adapters/repositories/echoes.py",  # says unanswered contacts again
    "services/notify/adapters/channels/alert_courier.py",  # the same for alerts
    "services/notify/adapters/channels/courier.py",  # leases and commits, sends, records and commits
    "services/notify/adapters/channels/webhook.py",  # a letter's channel: notes what its receiver answered
    "services/notify/adapters/channels/webhook_sender.py",  # the same, for partners' webhooks
    "services/notify/adapters/channels/asking.py",  # claims and commits, asks, records and commits
}
"""Timed loops commit; these live beside what they work on."""


def test_only_the_edges_commit() -> None:
    offenders = [
        f"{name_of(path)}:{node.lineno}"
        for path in inner_files("domain", "application", "adapters")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    offenders = [one for one in offenders if one.rpartition(":")[0] not in TIMED_LOOPS]
    assert not offenders, report(offenders)


CONNECTING = {
    "create_async_engine", "create_engine", "connect", "open", "make_engine", "AIOKafkaProducer", "AIOKafkaConsumer",
    "AsyncClient", "Client", "run", "Popen", "create_task", "get_event_loop",
}  # fmt: skip


def at_import(node: ast.AST) -> list[ast.Call]:
    """The calls that run when the module is imported: not those inside functions and lambdas, nor under main."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return []
    if isinstance(node, ast.If) and "__main__" in ast.dump(node.test):
        return []
    own = [node] if isinstance(node, ast.Call) else []
    return own + [call for child in ast.iter_child_nodes(node) for call in at_import(child)]


def test_no_call_at_import_connects() -> None:
    offenders = [
        f"{name_of(path)}:{call.lineno} {dotted(call.func)}()"
        for path in python_files()
        for call in at_import(tree_of(path))
        if dotted(call.func).rpartition(".")[2] in CONNECTING
    ]
    assert not offenders, report(offenders)


WATCH = """
import importlib, sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.bind", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"):
        raise RuntimeError(f"{event} at import")
sys.addaudithook(refuse)
for name in sys.argv[1:]:
    importlib.import_module(name)
import threading
assert threading.active_count() == 1, threading.enumerate()
"""


def test_importing_everything_touches_nothing() -> None:
    modules = [
        name_of(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        for path in python_files()
        if path.name != "__main__.py"
    ]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", WATCH, *modules],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=100, env={"PATH": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]


def rating_codes() -> set[str]:
    """The rating codes of every pack there is."""
    found: set[str] = set()
    for path in ROOT.glob("policies/*/*/ratings.yaml"):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        found |= {rating["code"] for rating in document["ratings"]}
    return found


def docstrings(tree: ast.AST) -> set[int]:
    """The ids of constants that stand alone: docstrings."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def senders_grades(tree: ast.AST) -> set[int]:
    """The ids of constants in the declaration of ``sender_grade``: the grades of police and NHS forms, not ours."""
    return {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == "sender_grade"
        for inner in ast.walk(node)
    }


def examples(tree: ast.AST, path: Path) -> set[int]:
    """The ids of constants that the API's page shows: ``examples=``, and the values of dictionaries in schemas."""
    shown: list[ast.AST] = [node for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "examples"]
    if "entrypoints/schemas" in name_of(path):
        shown += [value for node in ast.walk(tree) if isinstance(node, ast.Dict) for value in node.values]
    return {id(inner) for node in shown for inner in ast.walk(node)}


def test_no_code_knows_a_rating_by_its_name() -> None:
    codes = rating_codes()
    assert {"red", "amber", "green"} <= codes
    offenders: list[str] = []
    # "unrated" is also the name of a fact of the contract (nobody has rated it), told by a flag and not by this code.
    for path in python_files("services", "shared"):
        tree = tree_of(path)
        excepted = docstrings(tree) | senders_grades(tree) | examples(tree, path)
        offenders += [
            f"{name_of(path)}:{node.lineno} {node.value!r}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and node.value in codes - {"unrated"} and id(node) not in excepted
        ]
    assert not offenders, report(offenders)


def test_a_handler_reads_as_a_sentence() -> None:
    offenders = [
        f"{name_of(path)}:{function.lineno} {function.name}: {lines} lines"
        for path in inner_files("application")
        if "handlers" in name_of(path)
        for function in tree_of(path).body
        if isinstance(function, ast.AsyncFunctionDef) and not function.name.startswith("_")
        if (lines := (function.end_lineno or 0) - function.lineno + 1 - docstring_lines(function)) > MOST_HANDLER_LINES
    ]
    assert not offenders, report(offenders)
