"""``python -m models``: every command on a made file, and errors that a reader can mend."""

import json
import math
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from models import cli
from models.store import Registry
from tests.models.loans import MARK, loans, release, text_of

DAY = "2028-12-31"
WEAK = "\n[settings]\niterations = 1\nleaves = 2\nleaf_rows = 60\nlearning_rate = 0.01\n"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A command: how it ended, what it said, what it complained of."""

    def one(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["models", *map(str, words)])
        monkeypatch.setattr(cli.console, "width", 200)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        assert MARK not in said.out + said.err
        return int(ended.value.code or 0), said.out, said.err

    return one


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A file of loans, its configuration, and a registry with a model that knows little."""
    folder = tmp_path_factory.mktemp("cli")
    paths = {
        name: folder / name for name in ("loans.csv", "card.toml", "registry", "today.parquet")
    }
    table = loans(1200)
    table.to_csv(paths["loans.csv"], index=False, encoding="gb18030")
    table.drop(columns=["bad", "sex"]).to_parquet(paths["today.parquet"])
    paths["card.toml"].write_text(text_of(), encoding="utf-8")
    registry = Registry(paths["registry"])
    release(registry.root / ".staged", "boosting", WEAK, table)
    paths["weak"] = Path(registry.add(registry.root / ".staged", date(2028, 1, 1)))
    return paths


def parsed(out: str) -> Any:
    """JSON that any reader reads: no NaN, no Infinity."""

    def strange(word: str) -> None:
        raise AssertionError(word)

    return json.loads(out, parse_constant=strange)


@pytest.fixture(scope="module")
def card(made: dict[str, Path]) -> str:
    """Version of the card; trained by the first test that asks."""
    capture: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["models", "train", str(made["card.toml"]), str(made["loans.csv"]),
                                    "--registry", str(made["registry"]), "--on", DAY, "--json"])  # fmt: skip
        patch.setattr(cli, "print", capture.append, raising=False)
        with pytest.raises(SystemExit) as ended:
            cli.main()
    assert not ended.value.code
    told = parsed(capture[0])
    assert told["name"] == "made-loans" and told["auc"] > 0.6
    return str(told["version"])


def test_a_models_path(run: Run, made: dict[str, Path], card: str) -> None:
    """Trained, looked at, compared, promoted, replaced, rolled back."""
    home, weak = ("--registry", made["registry"]), made["weak"].name
    new, old = f"made-loans:{card}", f"made-loans:{weak}"

    code, out, _ = run("list", *home, "--json")
    assert (code, parsed(out)) == (0, {"made-loans": {weak: "candidate", card: "candidate"}})

    code, out, _ = run("evaluate", new, made["loans.csv"], *home, "--json")
    assert code == 0 and parsed(out)["auc"] > 0.6

    code, out, _ = run("compare", old, new, made["loans.csv"], *home, "--json")
    assert code == 0 and parsed(out)["auc_gain"] > 0.0

    code, out, _ = run("promote", "made-loans", weak, *home, "--on", DAY)
    assert code == 0 and "champion" in out
    code, out, err = run("promote", "made-loans", card, *home, "--on", DAY)
    assert code == 2 and "a paired comparison needs data" in err and "需要数据" in err
    code, out, _ = run(
        "promote", "made-loans", card, *home, "--on", DAY, "--data", made["loans.csv"]
    )
    assert code == 0 and "≥ 0.55" in out
    code, out, err = run("promote", "made-loans", weak, *home, "--data", made["loans.csv"])
    assert code == 2 and "is not promoted" in err and "不予晋级" in err

    code, out, _ = run("rollback", "made-loans", "--reason", "drift", *home, "--on", DAY)
    assert code == 0 and weak in out
    code, out, _ = run("list", *home)
    assert code == 0 and "drift" in out and "head of risk" in out
    code, out, _ = run("promote", "made-loans", card, "--to", "candidate", *home)
    assert code == 0
    code, out, _ = run("promote", "made-loans", card, "--to", "shadow", *home)
    assert code == 0
    code, out, _ = run("list", *home, "--json")
    assert parsed(out) == {"made-loans": {weak: "champion", card: "shadow"}}


def test_what_is_shown(run: Run, made: dict[str, Path], card: str) -> None:
    home, new = ("--registry", made["registry"]), f"made-loans:{card}"
    code, out, _ = run("card", new, *home)
    assert code == 0 and "SYNTHETIC" in out and card in out
    code, out, _ = run("card", made["registry"] / "made-loans" / card)
    assert code == 0 and "# made" in out
    code, out, _ = run("evaluate", new, made["loans.csv"], *home)
    assert code == 0 and "0.55" in out
    code, out, _ = run("compare", new, new, made["loans.csv"], *home)
    assert code == 0 and "gain" in out
    code, out, _ = run("drift", new, made["today.parquet"], *home)
    assert code == 0 and "income_yuan" in out and "score" in out


def test_drift_in_json(run: Run, made: dict[str, Path], card: str) -> None:
    code, out, _ = run("drift", f"made-loans:{card}", made["today.parquet"], "--registry", made["registry"],
                       "--threads", 2, "--json")  # fmt: skip
    told = parsed(out)
    assert code == 0 and told[-1]["feature"] == "score"
    assert all(math.isfinite(line["psi"]) and line["alarm"] in (0, 1) for line in told)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_file_is_scored(
    run: Run, made: dict[str, Path], card: str, language: str, tmp_path: Path
) -> None:
    home = ("--registry", made["registry"], "--language", language)
    code, out, _ = run("score", f"made-loans:{card}", made["today.parquet"], *home)
    assert code == 0 and ("负债收入比" in out) == (language == "zh")
    code, out, _ = run(
        "score", f"made-loans:{card}", made["today.parquet"], *home, "--out", tmp_path / "a.csv"
    )
    told = pd.read_csv(tmp_path / "a.csv")
    parts = told.filter(like="_log_odds").sum(axis=1) + told["base"]
    assert code == 0 and len(told) == 1200
    assert (parts - (told["pd"] / (1.0 - told["pd"])).map(math.log)).abs().max() < 1e-9


@pytest.mark.parametrize(
    ("words", "zh", "en"),
    [
        (("train", "none.toml", "LOANS"), "none.toml", "cannot be opened"),
        (("train", "CARD", "none.csv"), "无法读取", "none.csv cannot be read"),
        (("train", "CARD", "TODAY"), "训练数据", "column bad is missing"),
        (("evaluate", "made-loans:none", "LOANS"), "不存在", "there is no version none"),
        (("evaluate", "nobody", "LOANS"), "不存在", "there is no version"),
        (("evaluate", "../../etc", "LOANS"), "不存在", "there is no version"),
        (("evaluate", "x" * 5000, "LOANS"), "不存在", "there is no version"),
        (("compare", "nobody", "nobody", "LOANS"), "不存在", "there is no version"),
        (("drift", "made-loans", "CARD"), "", ""),
        (("score", "made-loans", "none.xlsx"), "无法读取", "cannot be read"),
        (("promote", "made-loans", "none"), "不存在", "there is no version none"),
        (("promote", "made-loans", "none", "--to", "retired"), "不存在", "there is no version none"),
        (("promote", "../x", "none", "--to", "candidate"), "", "there is no version none"),
        (("rollback", "nobody", "--reason", "x"), "没有这个模型", "there is no such model"),
        (("card", "nobody"), "不存在", "there is no version"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)  # fmt: skip
def test_errors_in_both_languages(
    words: tuple[str, ...], zh: str, en: str, run: Run, made: dict[str, Path]
) -> None:
    known = {"LOANS": made["loans.csv"], "CARD": made["card.toml"], "TODAY": made["today.parquet"]}
    asked = [known.get(word, word) for word in words]
    before = sorted(made["registry"].parent.rglob("*"))
    code, out, err = run(*asked, "--registry", made["registry"])
    assert code == 2 and not out
    assert zh in err and en in " ".join(err.split())
    assert sorted(made["registry"].parent.rglob("*")) == before


@pytest.mark.parametrize(
    "words",
    [("train",), ("dance",), ("train", "a", "b", "--jobs", "0"), ("rollback", "x"), ("list", "--on"),
     ("rollback", "x", "--reason", "y", "--on", "31.12.2028"), ("score", "x", "y", "--most", "many")],
)  # fmt: skip
def test_wrong_use(words: tuple[str, ...], run: Run) -> None:
    code, _, err = run(*words)
    assert code == 2 and err


def test_an_altered_release_answers_nothing(
    run: Run, made: dict[str, Path], card: str, tmp_path: Path
) -> None:
    for path in (made["registry"] / "made-loans" / card).iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "card.md").write_text("better", encoding="utf-8")
    for words in (("card",), ("evaluate", made["loans.csv"]), ("drift", made["today.parquet"]),
                  ("score", made["today.parquet"])):  # fmt: skip
        code, out, err = run(words[0], tmp_path, *words[1:])
        assert code == 2 and not out and "does not match" in err


def test_as_a_module() -> None:
    """Its own process: the exit code and no traceback, before any model is asked."""
    command = [sys.executable, "-m", "models", "card", "nobody", "--registry", "none"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "不存在" in done.stderr and "there is no version" in done.stderr
