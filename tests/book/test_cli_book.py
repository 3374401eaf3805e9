"""Commands on a book: exit codes, JSON, what people read in both languages."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from riskengine import cli, cli_book, options
from riskengine.book.run import LEFT
from riskengine.market import demonstration
from tests.book import made
from tests.book.conftest import write_rows

DAY = "2026-11-24"
QUICK = ("--valued-on", DAY, "--scenarios", "64", "--blocks", "2", "--threads", "1", "--seed", "7")
ROOT = Path(__file__).parents[2]
Told = tuple[int, str, str]
Call = Callable[..., Told]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command in process: exit code, what it printed, what it complained of."""

    def run(*words: str) -> Told:
        monkeypatch.setattr(sys, "argv", ["riskengine", *words])
        with pytest.raises(SystemExit) as done:
            cli.main()
        out, err = capsys.readouterr()
        assert isinstance(done.value.code, int | None)
        return done.value.code or 0, out, err

    return run


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_rows(tmp_path_factory.mktemp("book") / "tables", made.rows(6)))


def test_book_as_json_and_as_words(call: Call, source: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, printed, _ = call("book", source, str(out), *QUICK, "--json")
    assert code == 0
    told = json.loads(printed, parse_constant=pytest.fail)
    assert told == json.loads((out / "manifest.json").read_bytes())
    assert sorted(path.name for path in out.iterdir()) == sorted([*LEFT, "manifest.json"])
    assert (told["seed"], told["scenarios"], told["scrambles"]) == (7, 64, 2)
    code, printed, _ = call("book", source, str(out), *QUICK)
    assert code == 0
    words = re.sub(r"\s+", " ", printed)
    for part in ("6 合同 contracts = 6 已计量 measured", "预期损失 EL", "错向 wrong-way", "VaR 0.999",
                 "自担 own layer", "funds at risk", "超限比率 ratios broken"):  # fmt: skip
        assert part in words, part
    assert "report.html" in words.replace(" ", ""), "a long path is broken over lines"
    assert "nan" not in words.lower()


def test_a_horizon_a_t_copula_and_own_loadings(call: Call, source: str, tmp_path: Path) -> None:
    loadings = tmp_path / "own.toml"
    loadings.write_text(
        'name = "own"\nseen = "estimated"\n[default.other]\nnation = 0.3\n[sale]\n'
        "[assumed]\npledges_together = 0.5\nseverity = 0.6\nmaturity_share = 0.0\n",
        encoding="utf-8",
    )
    code, printed, _ = call(
        "book", source, str(tmp_path / "out"), *QUICK, "--months", "24", "--degrees-of-freedom",
        "5", "--level", "0.99", "--factors", str(loadings), "--json",
    )  # fmt: skip
    assert code == 0
    told = json.loads(printed)
    assert (told["horizon_months"], told["degrees_of_freedom"], told["level"]) == (24, 5.0, 0.99)
    assert told["factors"]["name"] == "own"
    assert told["totals"]["wrong_way_yuan"] == 0.0
    assert "60% of a debt" in " ".join(note["en"] for note in told["notes"])


def test_ratios_as_json_and_as_words(call: Call, source: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, printed, _ = call("ratios", source, str(out), "--valued-on", DAY, "--json")
    assert code == 0
    told = json.loads(printed, parse_constant=pytest.fail)
    assert told["kind"] == "ratios"
    assert sorted(path.name for path in out.iterdir()) == ["manifest.json", "report.html"]
    code, printed, _ = call("ratios", source, str(out), "--valued-on", DAY)
    assert code == 0
    limited = [row for row in told["ratios"] if row["limit"] is not None]
    lines = [line for line in printed.splitlines() if line[:1] in "✓!✗?"]
    assert len(lines) >= len(limited) > 5
    for row in limited:
        assert row["rule_id"] in printed
        assert row["title_zh"] in printed.replace("\n", "")
    code, _, err = call("book", source, str(out), *QUICK)
    assert code == 2
    assert "out 中已有别的文件" in err
    assert "out holds other files" in err


def test_what_people_can_mend_is_told_in_both_languages(
    call: Call, source: str, tmp_path: Path
) -> None:
    out = str(tmp_path / "out")
    bad = tmp_path / "bad.toml"
    bad.write_text("name = 'x'\n", encoding="utf-8")
    cases: list[tuple[tuple[str, ...], str, str]] = [
        (("book", str(tmp_path / "nowhere"), out, *QUICK), "", ""),
        (("ratios", str(tmp_path / "nowhere"), out), "", ""),
        (("book", source, source, *QUICK), "已有别的文件", "holds other files"),
        (("book", source, out, *QUICK, "--factors", str(bad)), "因子文件", "[sale] is missing"),
        (("book", source, out, *QUICK, "--factors", str(tmp_path / "no.toml")), "因子文件",
         "cannot be read"),
        (("book", source, out, *QUICK, "--scenarios", "100"), "", "power of two"),
        (("book", source, out, *QUICK, "--valued-on", "2016-01-04"), "没有可计量", "no contract"),
    ]  # fmt: skip
    for words, zh, en in cases:
        code, printed, err = call(*words)
        assert code == 2, words
        assert printed == ""
        assert zh in err.replace("\n", ""), words
        assert en in err.replace("\n", " "), words
        assert "Traceback" not in err
        assert re.search(r"[\u4e00-\u9fff]", err)
        assert re.search(r"[a-z]{4}", err)


@pytest.mark.parametrize(
    "words",
    [
        ("--blocks", "1"), ("--blocks", "0"), ("--scenarios", "32"), ("--months", "0"),
        ("--months", "61"), ("--threads", "0"), ("--level", "1.0"), ("--level", "nan"),
        ("--degrees-of-freedom", "0.5"), ("--seed", "x"), ("--valued-on", "24.11.2026"),
        ("--no-such-option",),
    ],
    ids=" ".join,
)  # fmt: skip
def test_options_out_of_range(
    call: Call, source: str, tmp_path: Path, words: tuple[str, ...]
) -> None:
    code, _, err = call("book", source, str(tmp_path / "out"), *QUICK, *words)
    assert code == 2
    assert "Traceback" not in err
    assert not (tmp_path / "out" / "manifest.json").exists()


@pytest.mark.parametrize("words", [("--seed", "-1"), ("--seed", str(2**64)),
                                   ("--degrees-of-freedom", "nan")], ids=" ".join)  # fmt: skip
def test_a_seed_or_a_freedom_that_is_none_is_told(
    call: Call, source: str, tmp_path: Path, words: tuple[str, ...]
) -> None:
    code, _, err = call("book", source, str(tmp_path / "out"), *QUICK, *words)
    assert code == 2
    assert "seed" in err or "nu" in err or "freedom" in err
    assert "Traceback" not in err


def test_help_speaks_both_languages(call: Call) -> None:
    for command, zh, en in (("book", "计量整本担保", "Measure a guarantee book"),
                            ("ratios", "监管比率", "headroom and reserves")):  # fmt: skip
        code, printed, _ = call(command, "--help")
        assert code == 0
        assert zh in printed.replace("\n", "")
        assert en in printed.replace("\n", " ")


def test_the_module_itself_exits_with_two(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "riskengine", "book", str(tmp_path / "no"), str(tmp_path / "out"),
         "--valued-on", DAY],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


class Terminal:
    """A console of a terminal."""

    is_terminal = True


def test_a_terminal_sees_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []

    class Bar:
        def __enter__(self) -> "Bar":
            return self

        def __exit__(self, *_: object) -> None:
            return None

        def add_task(self, description: str, total: float | None) -> int:
            seen.append({"description": description, "total": total})
            return 1

        def update(self, _task: int, **told: Any) -> None:
            seen.append(told)

    monkeypatch.setattr(cli_book, "console", Terminal())
    monkeypatch.setattr(cli_book, "bar", Bar)

    def work(tell: Any) -> dict[str, Any]:
        tell("loss", 1, 6)
        tell("what else", 2, 6)
        return {"done": True}

    assert cli_book._watched(False, work) == {"done": True}
    assert [one["description"] for one in seen] == [
        cli_book.STEPS["read"], cli_book.STEPS["loss"], "what else",
    ]  # fmt: skip
    assert cli_book._watched(True, lambda tell: {"told": tell is not None}) == {"told": False}
    assert options.bar is not Bar


def test_figures_as_people_read_them() -> None:
    assert cli_book._figure(None) == "-"
    assert cli_book._figure(0.123456) == "0.1235"
    assert cli_book._figure(12_345.6) == "12,346"
    assert cli_book._figure(-12_345.6) == "-12,346"
    assert demonstration().name == "demonstration"
