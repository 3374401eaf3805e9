"""House rules over the syntax tree.  Each takes a module and yields its faults."""

import ast
import re
from collections.abc import Iterator

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

KERNEL_IMPORTS = {"math", "numpy", "numba", "riskengine"}
CLOCKS = {"today", "now", "utcnow", "time_ns", "localtime", "gmtime"}
TIMERS = {"perf_counter", "perf_counter_ns", "monotonic", "monotonic_ns"}
UNIT = re.compile(r"\[[^\[\],;]+\]|\bany unit\b")
FUNCTION_LINES = 60
MODULE_LINES = 400


def functions(tree: ast.AST) -> Iterator[FunctionNode]:
    """Every function of a module, nested ones included."""
    for node in ast.walk(tree):
        if isinstance(node, FunctionNode):
            yield node


def is_docstring(node: ast.stmt) -> bool:
    """Whether a statement is a bare text."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def dotted(node: ast.expr) -> str:
    """Name of a call's target, such as ``np.random.rand``."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def kernel_module_faults(tree: ast.Module) -> Iterator[str]:
    """A kernel module holds a docstring, imports of arithmetic, and functions; nothing else."""
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
            if (module or "").split(".")[0] not in KERNEL_IMPORTS:
                yield f"{node.lineno}: kernels import numpy, numba and math only, not {module}"
        elif not (isinstance(node, ast.FunctionDef) or is_docstring(node)):
            yield f"{node.lineno}: {type(node).__name__} at module level"
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise | ast.Try | ast.Assert | ast.Global | ast.With):
            yield f"{node.lineno}: {type(node).__name__} in a kernel module"
        elif isinstance(node, ast.Call) and dotted(node.func) == "print":
            yield f"{node.lineno}: print in a kernel module"
        elif isinstance(node, ast.Attribute) and dotted(node) in {"np.random", "numpy.random"}:
            yield f"{node.lineno}: random numbers are drawn outside kernels"


def compile_faults(tree: ast.Module) -> Iterator[str]:
    """One decorator in one place: no other compiler, no fast-math, no threads."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in {"fastmath", "parallel"}:
            yield f"{node.value.lineno}: {node.arg}="
        elif isinstance(node, ast.ImportFrom) and node.module == "numba":
            taken = {name.name for name in node.names} & {"njit", "jit", "prange"}
            for name in sorted(taken):
                yield f"{node.lineno}: numba.{name} belongs in riskengine/kernels/compiling.py"
        elif isinstance(node, ast.Attribute) and dotted(node) in {
            "numba.njit",
            "numba.jit",
            "numba.prange",
        }:
            yield f"{node.lineno}: {dotted(node)} belongs in riskengine/kernels/compiling.py"


def kernel_docstring_faults(tree: ast.Module) -> Iterator[str]:
    """Public kernels say their units in brackets or take any; private ones say what they are."""
    for function in functions(tree):
        if not any(dotted(decorator) == "kernel" for decorator in function.decorator_list):
            continue
        text = ast.get_docstring(function)
        if not text:
            yield f"{function.lineno}: kernel {function.name} has no docstring"
        elif not function.name.startswith("_") and not UNIT.search(text):
            yield f"{function.lineno}: kernel {function.name} states no [unit]"


def public_functions(tree: ast.Module) -> Iterator[FunctionNode]:
    """Functions of a module and methods of its classes whose names carry no underscore."""
    for node in tree.body:
        members = node.body if isinstance(node, ast.ClassDef) else [node]
        if isinstance(node, ast.ClassDef) and node.name.startswith("_"):
            continue
        for member in members:
            if isinstance(member, FunctionNode) and not member.name.startswith("_"):
                yield member


def documented_parameters(text: str) -> list[str] | None:
    """Names of a docstring's Parameters section in order, or None without one."""
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\w[\w ]*\n-+$|\Z)", text, re.M | re.S)
    if section is None:
        return None
    heads = re.findall(r"^(\*{0,2}\w[\w*, ]*?)(?: :.*)?$", section.group(1), re.M)
    return [name.strip().lstrip("*") for head in heads for name in head.split(",")]


def docstring_faults(tree: ast.Module) -> Iterator[str]:
    """Public functions have a docstring, and its Parameters are those of the signature."""
    for function in public_functions(tree):
        text = ast.get_docstring(function)
        if not text:
            yield f"{function.lineno}: {function.name} has no docstring"
            continue
        found = documented_parameters(text)
        given = function.args
        every = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
        names = [argument.arg for argument in every if argument is not None]
        signature = [name for name in names if name not in {"self", "cls"}]
        if found is not None and sorted(found) != sorted(signature):
            yield f"{function.lineno}: {function.name} documents {found}, takes {signature}"


def size_faults(tree: ast.Module) -> Iterator[str]:
    """No function body over 60 lines, its docstring not counted; no module over 400."""
    last = max((node.end_lineno or 0 for node in tree.body), default=0)
    if last > MODULE_LINES:
        yield f"{last}: module of {last} lines, more than {MODULE_LINES}"
    for function in functions(tree):
        body = function.body[1:] if is_docstring(function.body[0]) else function.body
        lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
        if lines > FUNCTION_LINES:
            yield f"{function.lineno}: {function.name} has {lines} lines, more than {FUNCTION_LINES}"


def clock_faults(tree: ast.Module, timers: bool = False) -> Iterator[str]:
    """Below the entry points nobody asks what day it is; only the batch may time itself."""
    banned = CLOCKS if timers else CLOCKS | TIMERS
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Attribute):
            names = [node.attr] if dotted(node) != "time.time" else ["time_ns"]
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            names = ["time_ns" if name.name == "time" else name.name for name in node.names]
        elif isinstance(node, ast.Call) and dotted(node.func).endswith("datetime64"):
            names = [part.value for part in node.args if isinstance(part, ast.Constant)]
        yield from (f"{node.lineno}: asks the clock ({n})" for n in names if n in banned)


PICKLES = frozenset({"pickle", "cloudpickle", "dill", "marshal", "shelve"})


def pickle_faults(tree: ast.Module) -> Iterator[str]:
    """No pickle is read: neither by name nor inside an array file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            if not (isinstance(node.value, ast.Constant) and node.value.value is False):
                yield f"{node.value.lineno}: allow_pickle"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            module = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
            if (module or "").split(".")[0] in PICKLES:
                yield f"{node.lineno}: import of {module}"
            if any(name.name == "SignedSerializer" for name in node.names):
                yield f"{node.lineno}: the queue's signed serializer pickles"
    yield from queue_faults(tree)


def queue_faults(tree: ast.Module) -> Iterator[str]:
    """The queue pickles unless it is given a serializer that does everything itself."""
    named = any(
        isinstance(key, ast.Constant) and key.value == "serializer"
        for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys
    )  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and dotted(node.func).endswith("Huey"):
            given = {keyword.arg for keyword in node.keywords}
            if "serializer" not in given and not (None in given and named):
                yield f"{node.lineno}: a queue without its own serializer"
        elif isinstance(node, ast.ClassDef) and any(
            dotted(base).endswith("Serializer") for base in node.bases
        ):
            made = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
            if not {"_serialize", "_deserialize"} <= made:
                yield f"{node.lineno}: {node.name} leaves a half to pickle"
