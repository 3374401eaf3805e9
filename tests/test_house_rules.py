"""The house rules hold for every file, and every rule can fail."""

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.house import files, syntax

ROOT = Path(__file__).parents[1]
ENGINE, KERNELS = ROOT / "riskengine", ROOT / "riskengine" / "kernels"
ENTRIES = {ENGINE / "options.py", ENGINE / "__main__.py", ROOT / "models" / "cli.py"}
TEXT_SUFFIXES = {
    "",
    ".py",
    ".toml",
    ".txt",
    ".md",
    ".cfg",
    ".html",
    ".csv",
    ".yml",
    ".yaml",
    ".json",
}


def modules(*tops: Path) -> list[Path]:
    """Python files below some folders."""
    return sorted(path for top in tops for path in top.rglob("*.py"))


def kernel_modules() -> list[Path]:
    """Modules that hold kernels; compiling.py decides how they are compiled."""
    return [path for path in modules(KERNELS) if path.name not in {"compiling.py", "__init__.py"}]


def committed() -> list[Path]:
    """Text files that are, or would be, committed."""
    git = shutil.which("git")
    listed = subprocess.run(
        [git or "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and path.suffix in TEXT_SUFFIXES]


def faults_of_trees(rule: Callable[[ast.Module], Iterable[str]], paths: list[Path]) -> list[str]:
    """Faults of many modules, each with its file."""
    assert paths
    return [
        f"{path.relative_to(ROOT)}:{fault}"
        for path in paths
        for fault in rule(ast.parse(path.read_text(encoding="utf-8")))
    ]


def faults_of_texts(rule: Callable[[str], Iterable[str]], paths: list[Path]) -> list[str]:
    """Faults of many texts, each with its file."""
    assert paths
    return [
        f"{path.relative_to(ROOT)}:{fault}"
        for path in paths
        for fault in rule(path.read_text(encoding="utf-8-sig"))
    ]


def none(faults: list[str]) -> None:
    """Fail with every fault on a line of its own."""
    assert not faults, "\n" + "\n".join(faults)


# The rules, held against the project.


def test_kernel_modules_hold_functions_only() -> None:
    none(faults_of_trees(syntax.kernel_module_faults, kernel_modules()))


def test_kernels_state_their_units() -> None:
    none(faults_of_trees(syntax.kernel_docstring_faults, kernel_modules()))


def test_one_decorator_compiles_everything() -> None:
    paths = modules(ENGINE, ROOT / "models", ROOT / "service")
    paths.remove(KERNELS / "compiling.py")
    none(faults_of_trees(syntax.compile_faults, paths))
    compiling = (KERNELS / "compiling.py").read_text(encoding="utf-8")
    assert 'njit(nogil=True, error_model="numpy", cache=CACHED)' in compiling


def test_public_functions_document_what_they_take() -> None:
    none(faults_of_trees(syntax.docstring_faults, modules(ENGINE)))


def test_functions_and_modules_stay_small() -> None:
    paths = modules(ENGINE, ROOT / "models", ROOT / "service")
    generated = {ROOT / "service" / "client" / name for name in ("types.py", "operations.py")}
    assert generated <= set(paths)
    paths = [path for path in paths if path not in generated]
    none(faults_of_trees(syntax.size_faults, paths))


def test_the_clock_is_an_argument() -> None:
    paths = [path for path in modules(ENGINE, ROOT / "models") if path not in ENTRIES]
    timed = (
        ENGINE / "revalue.py",
        ENGINE / "book" / "run.py",
        ENGINE / "pledgebook" / "run.py",
    )
    batch = [path for path in paths if path in timed]
    rest = [path for path in paths if path not in batch]
    none(faults_of_trees(syntax.clock_faults, rest))
    none(faults_of_trees(lambda tree: syntax.clock_faults(tree, timers=True), batch))


def test_the_engine_and_the_service_read_no_pickle() -> None:
    paths = [*modules(ENGINE, ROOT / "service"), *sorted((ROOT / "models").glob("store*.py"))]
    none(faults_of_trees(syntax.pickle_faults, paths))


def test_rule_files_are_cited_and_dated() -> None:
    paths = sorted((ENGINE / "rules").glob("*/**/*.toml"))
    none(faults_of_texts(lambda text: files.rule_file_faults(tomllib.loads(text)), paths))


def test_nothing_is_left_for_later() -> None:
    paths = [*modules(ENGINE, ROOT / "models", ROOT / "service", ROOT / "tests"), ROOT / "Makefile"]
    none(faults_of_texts(files.left_open_faults, paths))


def test_no_machine_path_is_committed() -> None:
    none(faults_of_texts(files.machine_path_faults, committed()))


def test_no_registry_is_named() -> None:
    paths = [path for path in committed() if path.name != "LICENSE"]
    none(faults_of_texts(files.registry_faults, paths))


def test_constraints_hold_no_address() -> None:
    none(faults_of_texts(files.address_faults, [ROOT / "constraints.txt"]))


def test_every_dependency_is_pinned_with_a_hash() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    none(list(files.pin_faults(project, text)))


def test_test_folders_are_no_packages() -> None:
    assert sorted((ROOT / "tests").rglob("__init__.py")) == []


@pytest.mark.parametrize("name", ["riskengine", "models", "service"])
def test_packages_come_from_this_checkout(name: str) -> None:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).is_relative_to(ROOT)


# What importing does, watched in a process of its own.

WATCH = """
import importlib, pkgutil, sys
{before}
opened, reached = [], []
def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        kept = "__pycache__" in arguments[0]  # written under another name, then renamed
        if not kept and not arguments[0].endswith((".py", ".pyc", ".so")):
            opened.append(arguments[0])
    elif event.startswith(("socket.", "subprocess.", "os.system")):
        reached.append(event)
sys.addaudithook(watch)
{during}
{after}
"""
IMPORT_ALL = """
import riskengine
for found in pkgutil.walk_packages(riskengine.__path__, "riskengine."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
"""
REPORT_TREE = f"""
ours = [path for path in opened if path.startswith({str(ROOT)!r}) and ".venv" not in path]
assert not ours, f"reads {{ours}}"
assert not [event for event in reached if "connect" in event or "getaddrinfo" in event], reached
"""
COMPILED = """
from numba.core.dispatcher import Dispatcher
compiled = [
    f"{module}.{name}"
    for module, loaded in sys.modules.items() if module.startswith("riskengine")
    for name, value in vars(loaded).items() if isinstance(value, Dispatcher) and value.signatures
]
assert not compiled, f"compiled at import: {compiled}"
"""
HEAVY = "pandas", "sklearn", "fastapi", "pydantic", "matplotlib", "openpyxl"


def run(before: str = "", during: str = "", after: str = "") -> str:
    """Run an import under watch and return what it complained about."""
    code = WATCH.format(before=before, during=during, after=after)
    env = {name: value for name, value in os.environ.items() if name != "RISKENGINE_CACHE"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, env=env
    )
    return done.stderr


def test_importing_the_engine_does_nothing() -> None:
    after = f"""
heavy = sorted(set({HEAVY!r}) & set(sys.modules))
assert not heavy, f"imports {{heavy}}"
assert not opened, f"reads {{opened}}"
assert not reached, f"reaches {{reached}}"
"""
    assert run("import numpy, numba", "import riskengine", after) == ""


def test_importing_every_module_reads_nothing_of_ours() -> None:
    assert run(during=IMPORT_ALL, after=REPORT_TREE) == ""


def test_importing_every_module_compiles_nothing() -> None:
    assert run(during=IMPORT_ALL, after=COMPILED) == ""


# Every rule can fail: a snippet that breaks it, and one beside it that does not.

# Fine until it is broken: each row holds a rule, a breach, and a neighbour that is none.
KERNEL = "@kernel\ndef f(x):\n    {}\n    return x\n"
LONG = "def f(x):\n" + "    x += 1\n" * 61
DOCUMENTED = 'def f(x, y):\n    """Sum.\n\n    Parameters\n    ----------\n    {}\n    """\n'

BROKEN_TREES = [
    (syntax.kernel_module_faults, "LIMIT = 0.7\n", '"""Text."""\nimport math\n'),
    (syntax.kernel_module_faults, "LIMIT: float = 0.7\n", "def f(x):\n    limit = 0.5 * x\n"),
    (syntax.kernel_module_faults, "class A:\n    pass\n", "from numpy import exp\n"),
    (syntax.kernel_module_faults, "import pandas as pd\n", "import numpy as np\n"),
    (syntax.kernel_module_faults, "from os import environ\n", "from math import log1p\n"),
    (syntax.kernel_module_faults, KERNEL.format("print(x)"), KERNEL.format("y = x")),
    (syntax.kernel_module_faults, KERNEL.format("assert x > 0"), KERNEL.format("y = x")),
    (syntax.kernel_module_faults, "def f():\n    raise ValueError\n", "def f():\n    return 1\n"),
    (syntax.kernel_module_faults, "def f():\n    try:\n        g()\n    finally:\n        h()\n", "def f():\n    return h()\n"),
    (syntax.kernel_module_faults, "def f():\n    return np.random.rand()\n", "def f():\n    return np.exp(1.0)\n"),
    (syntax.compile_faults, "k = njit(fastmath=True)\n", "k = njit(nogil=True)\n"),
    (syntax.compile_faults, "k = njit(parallel=True)\n", "p = Parallel(n_jobs=2)\n"),
    (syntax.compile_faults, "from numba import njit\n", "from numba import types\n"),
    (syntax.compile_faults, "import numba\nk = numba.njit(f)\n", "import numba\n"),
    (syntax.kernel_docstring_faults, "@kernel\ndef f(x):\n    return x\n", "def f(x):\n    return x\n"),
    (syntax.kernel_docstring_faults, KERNEL.format('"""Rate."""'), KERNEL.format('"""Rate [1/year]."""')),
    (syntax.kernel_docstring_faults, KERNEL.format('"""In [0, 1]."""'), KERNEL.format('"""In any unit."""')),
    (syntax.docstring_faults, "def f(x):\n    return x\n", "def _f(x):\n    return x\n"),
    (syntax.docstring_faults, "class A:\n    def f(self):\n        pass\n", "class _A:\n    def f(self):\n        pass\n"),
    (syntax.docstring_faults, DOCUMENTED.format("x : float\n        One."), DOCUMENTED.format("x, y : float\n        Both.")),
    (syntax.docstring_faults, DOCUMENTED.format("x, z : float\n        Both."), 'def f(*a, **b):\n    """Do.\n\n    Parameters\n    ----------\n    *a, **b : int\n    """\n'),
    (syntax.docstring_faults, DOCUMENTED.format("x, y, z : float\n        All."), DOCUMENTED.format("x : float\n        One.\n    y : float\n        Two.\n\n    Returns\n    -------\n    float\n        z")),
    (syntax.size_faults, LONG, LONG.replace("    x += 1\n", "", 1)),
    (syntax.size_faults, "x = 1\n" * 401, "x = 1\n" * 400),
    (syntax.clock_faults, "date.today()\n", "today = 3\n"),
    (syntax.clock_faults, "datetime.now(UTC)\n", "now = day\n"),
    (syntax.clock_faults, "import time\ntime.time()\n", "import datetime\ndatetime.time(3)\n"),
    (syntax.clock_faults, "from time import time\n", "from datetime import time\n"),
    (syntax.clock_faults, "np.datetime64('today')\n", "np.datetime64('2026-01-01')\n"),
    (syntax.clock_faults, "import time\ntime.perf_counter()\n", "import time\ntime.sleep(1)\n"),
    (syntax.pickle_faults, "import pickle\n", "import json\n"),
    (syntax.pickle_faults, "np.load(f, allow_pickle=True)\n", "np.load(f, allow_pickle=False)\n"),
    (syntax.pickle_faults, "SqliteHuey('a')\n", "SqliteHuey('a', serializer=Json())\n"),
    (syntax.pickle_faults, "SqliteHuey(**a)\n", "a = {'serializer': Json()}\nSqliteHuey(**a)\n"),
    (syntax.pickle_faults, "from huey import SignedSerializer\n", "from huey import crontab\n"),
    (
        syntax.pickle_faults,
        "class A(Serializer):\n    def _serialize(self): pass\n",
        "class A(Serializer):\n    def _serialize(self): pass\n    def _deserialize(self): pass\n",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "bad", "good"), BROKEN_TREES)
def test_syntax_rules_can_fail(rule: Callable, bad: str, good: str) -> None:
    assert list(rule(ast.parse(bad)))
    assert not list(rule(ast.parse(good)))


def test_timers_are_allowed_where_asked() -> None:
    tree = ast.parse("import time\ntime.perf_counter()\n")
    assert not list(syntax.clock_faults(tree, timers=True))


# The tilde is taken out before use, so that this file breaks no rule itself.
BROKEN_TEXTS = [
    (files.left_open_faults, "# TO~DO later", "# the todo list of a farm"),
    (files.left_open_faults, "raise Not~ImplementedError", "return NotImplemented"),
    (files.machine_path_faults, "see /ho~me/anna/data", "see ../shared/data"),
    (files.machine_path_faults, "C:~\\Users\\anna", "https://example.org/home/page"),
    (files.registry_faults, "pip install --index~-url x", "pip install -r constraints.txt"),
    (files.registry_faults, "https://py~pi.org/simple", "https://www.apache.org/licenses/"),
    (files.address_faults, "numpy @ https://example.org/n.whl", "numpy==2 \\\n    --hash=sha256:0"),
    (files.address_faults, "-f somewhere", "    # via -r numpy"),
]


@pytest.mark.parametrize(("rule", "bad", "good"), BROKEN_TEXTS)
def test_text_rules_can_fail(rule: Callable, bad: str, good: str) -> None:
    assert list(rule(bad.replace("~", "")))
    assert not list(rule(good))


GOOD_RULE = """
[loan_limit]
title = {zh = "上限", en = "limit"}
unit = "1"
compare = "<="
severity = "block"
decides = "created_on"
[[loan_limit.value]]
from = 2016-03-15
until = 2020-12-31
amount = 0.7
cite = "notice, art. 9"
seen = "text"
[[loan_limit.value]]
from = 2021-01-01
amount = {crop = [1.0, true], tree = "none"}
cite = "notice, art. 10"
seen = "text"
"""


def test_a_good_rule_passes() -> None:
    assert list(files.rule_file_faults(tomllib.loads(GOOD_RULE))) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('seen = "text"', 'seen = "memory"'),
        ('seen = "text"', 'seen = "heard"'),
        ('cite = "notice, art. 9"', 'cite = " "'),
        ('cite = "notice, art. 9"\n', ""),
        ("from = 2016-03-15", "from = 2021-01-01"),
        ("from = 2016-03-15", 'from = "2016-03-15"'),
        ("from = 2016-03-15", "from = 2016-03-15T00:00:00"),
        ("until = 2020-12-31", "until = 2021-01-01"),
        ("until = 2020-12-31", "until = 2015-01-01"),
        ("amount = 0.7", "amount = nan"),
        ("amount = 0.7", "amount = 2016-03-15"),
        ("amount = 0.7", "amount = 0.7\nnote = 1"),
        ('severity = "block"', 'severity = "warn"'),
        ('compare = "<="', 'compare = "=<"'),
        ('decides = "created_on"', 'decides = "today"'),
        ('zh = "上限", ', ""),
        ('unit = "1"\n', ""),
    ],
)
def test_rule_file_rules_can_fail(old: str, new: str) -> None:
    text = GOOD_RULE.replace(old, new, 1)
    assert text != GOOD_RULE
    assert list(files.rule_file_faults(tomllib.loads(text)))


def test_a_rule_without_values_fails() -> None:
    text = re.sub(r"\[\[.*", "value = []\n", GOOD_RULE, flags=re.S)
    assert list(files.rule_file_faults(tomllib.loads(text)))


@pytest.mark.parametrize(
    ("dependency", "constraints"),
    [
        ("numpy>=2", "scipy==1.17.1 \\\n    --hash=sha256:0\n"),
        ("numpy>=2", "numpy==1.26 \\\n    --hash=sha256:0\n"),
        ("numpy>=2", "numpy==2.4.6\n"),
    ],
)
def test_pin_rule_can_fail(dependency: str, constraints: str) -> None:
    project = {"project": {"dependencies": [dependency]}, "build-system": {"requires": []}}
    assert list(files.pin_faults(project, constraints))
    fine = "numpy==2.4.6 \\\n    --hash=sha256:0\n"
    assert list(files.pin_faults(project, fine)) == []


@pytest.mark.parametrize(
    ("during", "after"),
    [
        ("open('pyproject.toml').close()", "assert not opened"),
        (f"open({str(ROOT / 'pyproject.toml')!r}).close()", REPORT_TREE),
        (
            "import socket; s = socket.socket(); s.settimeout(0.01); s.connect_ex(('127.0.0.1', 9))",
            REPORT_TREE,
        ),
        ("from riskengine.kernels.discount import annuity_factor as f; f(0.1, 2.0)", COMPILED),
    ],
)
def test_the_watch_can_fail(during: str, after: str) -> None:
    assert "AssertionError" in run(during=during, after=after)
