"""The registry: one champion whatever happens, nothing half done, nothing altered promoted."""

import itertools
import json
import multiprocessing
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from models.store import STAGES, Registry, write_release
from models.store import registry as module
from models.store.registry import MOVES
from riskengine.learned import load_release
from tests.models.loans import refusal
from tests.models.releases import CARD, TREE, manifest, put

DAY = date(2028, 12, 31)
HEAD = ("head of risk", "meets its bar")


def enter(home: Registry, version: str, name: str = "made") -> str:
    """Take a hand-made release in."""
    staged = put(home.root / f".staged-{version}", TREE, manifest(name=name, version=version))
    return home.add(staged, DAY)


@pytest.fixture
def home(tmp_path: Path) -> Registry:
    """Three candidates: a, b and c."""
    found = Registry(tmp_path / "registry")
    for version in "abc":
        enter(found, version)
    return found


def to(home: Registry, *steps: tuple[str, str]) -> None:
    for version, stage in steps:
        home.move("made", version, stage, DAY, *HEAD)


def test_candidates(home: Registry) -> None:
    assert home.names() == ("made",)
    assert home.stages("made") == dict.fromkeys("abc", "candidate")
    assert home.champion("made") is None
    assert [entry.reason for entry in home.log("made")] == ["trained"] * 3
    assert load_release(home.folder("made", "a"))
    assert not list(home.root.glob(".staged*"))
    assert Registry(home.root / "none").names() == ()


def test_a_version_that_is_there_is_left_as_it_is(home: Registry) -> None:
    before = (home.folder("made", "a") / "manifest.json").stat().st_mtime_ns
    assert enter(home, "a") == "a"
    assert (home.folder("made", "a") / "manifest.json").stat().st_mtime_ns == before
    assert len(home.log("made")) == 3 and not list(home.root.glob(".staged*"))


def test_a_new_champion_retires_the_old_one(home: Registry) -> None:
    to(home, ("a", "champion"), ("b", "shadow"), ("b", "champion"))
    assert home.stages("made") == {"a": "retired", "b": "champion", "c": "candidate"}
    last = home.log("made")[-2:]
    assert [(e.version, e.before, e.after) for e in last] == [
        ("a", "champion", "retired"), ("b", "shadow", "champion"),
    ]  # fmt: skip
    assert (last[1].by, last[1].reason, last[1].on) == (*HEAD, "2028-12-31")


def reach(home: Registry, stage: str) -> None:
    """Bring version a to a stage."""
    if stage != "candidate":
        to(home, ("a", stage))


@pytest.mark.parametrize("before", STAGES)
@pytest.mark.parametrize("after", [*STAGES, "king", ""])
def test_the_table_of_moves(before: str, after: str, home: Registry) -> None:
    reach(home, before)
    log = home.log("made")
    if (before, after) in MOVES:
        to(home, ("a", after))
        assert home.stages("made")["a"] == after
    else:
        told = refusal(lambda: to(home, ("a", after)))
        assert f"version a is {before} and cannot become {after}" in told
        assert home.log("made") == log


def test_rollback(home: Registry) -> None:
    assert "no champion to go back to" in refusal(lambda: home.rollback("made", DAY, *HEAD))
    to(home, ("a", "champion"))
    assert "no champion to go back to" in refusal(lambda: home.rollback("made", DAY, *HEAD))
    to(home, ("b", "champion"))
    assert home.rollback("made", DAY, "head of risk", "drift") == "a"
    assert home.stages("made") == {"a": "champion", "b": "retired", "c": "candidate"}
    assert home.log("made")[-1].reason == "drift"


def test_a_second_rollback_goes_further_back(home: Registry) -> None:
    """Never to what was just withdrawn."""
    to(home, ("a", "champion"), ("b", "champion"), ("c", "champion"))
    assert [home.rollback("made", DAY, *HEAD) for _ in "ab"] == ["b", "a"]
    assert refusal(lambda: home.rollback("made", DAY, *HEAD))
    to(home, ("c", "candidate"), ("c", "champion"))
    assert home.rollback("made", DAY, *HEAD) == "a"


def test_rollback_after_a_champion_was_put_out_of_use(home: Registry) -> None:
    to(home, ("a", "champion"), ("b", "champion"), ("b", "retired"))
    assert home.champion("made") is None
    assert home.rollback("made", DAY, *HEAD) == "b"
    assert home.rollback("made", DAY, *HEAD) == "a"


# What was altered.


def spoil(home: Registry, version: str, name: str = "arrays.npz") -> None:
    path = home.folder("made", version) / name
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def test_an_altered_release_is_not_promoted_but_can_be_retired(home: Registry) -> None:
    to(home, ("a", "champion"), ("b", "champion"))
    spoil(home, "a")
    spoil(home, "c")
    for run in (lambda: to(home, ("c", "champion")), lambda: to(home, ("c", "shadow")),
                lambda: home.rollback("made", DAY, *HEAD)):  # fmt: skip
        assert "does not match the manifest" in refusal(run)
    assert home.champion("made") == "b"
    spoil(home, "b")
    to(home, ("b", "retired"))
    assert home.champion("made") is None


def test_a_manifest_with_better_figures_is_not_promoted(home: Registry) -> None:
    """Every digest in it is true, but it is not the manifest that was added."""
    path = home.folder("made", "a") / "manifest.json"
    told = json.loads(path.read_text())
    path.write_text(json.dumps({**told, "metrics": {"auc": 0.99}}))
    assert load_release(path.parent)
    assert "altered after it was added" in refusal(lambda: to(home, ("a", "champion")))


def test_a_release_put_in_the_place_of_another_is_not_promoted(home: Registry) -> None:
    for name in ("arrays.npz", "manifest.json"):
        (home.folder("made", "a") / name).write_bytes(
            (home.folder("made", "b") / name).read_bytes()
        )
    assert "altered after it was added" in refusal(lambda: to(home, ("a", "champion")))


def test_stages_that_cannot_be_read(home: Registry) -> None:
    path = home.root / "made" / "stages.json"
    for raw in ("", "{", "[]", "5", '{"log": 5}', '{"log": [5]}', '{"log": [{}]}', '{"log": [{"a": 1}]}',
                "[" * 100_000):  # fmt: skip
        path.write_text(raw)
        for run in (lambda: home.stages("made"), lambda: to(home, ("a", "champion")), lambda: enter(home, "d"),
                    lambda: home.rollback("made", DAY, *HEAD), lambda: home.champion("made")):  # fmt: skip
            assert "its stages cannot be read" in refusal(run)


@pytest.mark.parametrize(
    "name", ["../made", "..", ".", "", "a/b", ".lock", "x" * 3000, "a\0", "好"]
)
def test_names_that_are_paths(name: str, home: Registry) -> None:
    (home.root / "stages.json").write_text('{"log": []}')
    before = sorted(home.root.parent.rglob("*"))
    assert home.stages(name) == {} and home.champion(name) is None
    for run in (lambda: home.folder(name, "a"), lambda: home.folder("made", name),
                lambda: home.move(name, "a", "champion", DAY, *HEAD),
                lambda: home.move("made", name, "champion", DAY, *HEAD),
                lambda: home.rollback(name, DAY, *HEAD)):  # fmt: skip
        assert refusal(run)
    assert sorted(home.root.parent.rglob("*")) == before


@pytest.mark.parametrize("key", ["name", "version"])
def test_a_release_that_would_lie_elsewhere_is_not_taken_in(key: str, home: Registry) -> None:
    before = sorted(home.root.parent.rglob("*"))
    staged = put(home.root / ".staged", TREE, manifest(**{key: "../../elsewhere"}))
    assert "no plain name" in refusal(lambda: home.add(staged, DAY))
    assert {p.name for p in home.root.parent.rglob("*")} - {p.name for p in before} == {".staged"}
    assert refusal(lambda: home.add(home.root / "none", DAY))


# What is cut off in the middle.


def test_a_crash_between_move_and_entry_is_healed(
    home: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(path: Path, content: bytes) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "write_whole", cut)
    with pytest.raises(KeyboardInterrupt):
        enter(home, "d")
    assert (home.root / "made" / "d").is_dir() and "d" not in home.stages("made")
    assert "no version d" in refusal(lambda: to(home, ("d", "champion")))  # there, never entered
    monkeypatch.undo()
    assert enter(home, "d") == "d"
    assert home.stages("made")["d"] == "candidate"
    to(home, ("d", "champion"))


def test_a_change_of_stage_is_written_whole_or_not_at_all(
    home: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    to(home, ("a", "champion"))
    before = (home.root / "made" / "stages.json").read_bytes()

    def full(path: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        to(home, ("b", "champion"))
    monkeypatch.undo()
    assert (home.root / "made" / "stages.json").read_bytes() == before
    to(home, ("b", "champion"))  # the part that was left is in nobody's way
    assert home.champion("made") == "b"


def consistent(home: Registry) -> Iterator[str]:
    """Faults of a log: a step that does not follow from the one before, two champions."""
    stage: dict[str, str] = {}
    for entry in home.log("made"):
        if stage.get(entry.version, "") != entry.before:
            yield f"{entry} does not follow"
        stage[entry.version] = entry.after
        if list(stage.values()).count("champion") > 1:
            yield f"two champions after {entry}"


def promote_all(
    root: Path, versions: list[str], ready: "multiprocessing.synchronize.Barrier"
) -> None:
    ready.wait()
    for version in versions:
        to(Registry(root), (version, "champion"))


def test_two_processes_that_promote_at_once_leave_one_champion(tmp_path: Path) -> None:
    home, versions = Registry(tmp_path / "registry"), [f"v{k}" for k in range(16)]
    for version in versions:
        enter(home, version)
    context = multiprocessing.get_context("fork")
    ready = context.Barrier(2)
    runs = [
        context.Process(target=promote_all, args=(home.root, versions[k::2], ready)) for k in (0, 1)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join(60)
        assert run.exitcode == 0
    assert not list(consistent(home))
    stages = home.stages("made")
    assert sorted(stages.values()) == ["champion"] + ["retired"] * 15
    assert len(home.log("made")) == 16 + 16 + 15


def test_a_log_that_is_wrong_is_seen(home: Registry) -> None:
    """The check of the test above can fail."""
    path = home.root / "made" / "stages.json"
    log = json.loads(path.read_text())["log"]
    two = [{**entry, "before": "candidate", "after": "champion"} for entry in log[:2]]
    path.write_text(json.dumps({"log": [*log, *two]}))
    assert any("two champions" in fault for fault in consistent(home))


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    """Twice the same bytes, whatever the order of the arrays."""
    arrays = dict(CARD)
    for folder in ("a", "b"):
        told = manifest(form="scorecard")
        write_release(tmp_path / folder, arrays, told, {"card.md": "x"}, {"any": "object"})
        arrays = dict(itertools.islice(reversed(arrays.items()), None))
    first, second = ((tmp_path / folder / "arrays.npz").read_bytes() for folder in "ab")
    assert first == second
    assert (tmp_path / "a" / "manifest.json").read_bytes() == (
        tmp_path / "b" / "manifest.json"
    ).read_bytes()
    assert refusal(
        lambda: write_release(tmp_path / "c", {**CARD, "scale": np.zeros(2)}, manifest(), {}, None)
    )
