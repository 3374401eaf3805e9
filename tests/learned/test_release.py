"""Releases: what is whole is read, whatever was altered, cut or made to do harm is refused."""

import io
import json
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskengine.errors import ModelError
from riskengine.learned import DefaultModel, load_release, read_release
from riskengine.learned import release as release_module
from tests.models.loans import refusal
from tests.models.releases import CARD, FEATURES, TREE, manifest, put, seal, zipped


def refused(folder: Path) -> str:
    """What the engine says; no warning on the way and no path in the words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numpy warns of headers of its past
        told = refusal(lambda: load_release(folder))
    assert str(folder.parent) not in told
    return told


@pytest.mark.parametrize("arrays", [TREE, CARD], ids=["tree", "card"])
def test_a_whole_release(arrays: dict[str, Any], tmp_path: Path) -> None:
    found = read_release(put(tmp_path / "v1", arrays))
    assert (found.name, found.version, found.features) == ("made", "v1", FEATURES) or [
        one.name for one in found.features
    ] == ["debt", "crop"]
    assert set(found.arrays) == set(arrays)
    with pytest.raises(ValueError, match="read-only"):
        found.arrays["calibration"][0] = 1.0
    model = load_release(tmp_path / "v1")
    assert isinstance(model, DefaultModel)
    assert 0.0 < model.pd_one(np.array([1.0, 0.0])) < 1.0


def test_every_byte_counts(tmp_path: Path) -> None:
    folder = put(tmp_path / "v1")
    for name in ("arrays.npz", "manifest.json"):
        raw = (folder / name).read_bytes()
        for k in range(0, len(raw), max(len(raw) // 40, 1)):
            for bad in (raw[:k], raw[:k] + bytes([raw[k] ^ 1]) + raw[k + 1 :]):
                (folder / name).write_bytes(bad)
                if name == "arrays.npz":
                    assert refused(folder)
                    continue
                try:  # a letter of a unit may differ and the release still hang together
                    load_release(folder)
                except ModelError as error:
                    assert error.wrong.zh
        (folder / name).write_bytes(raw)
    load_release(folder)
    for name in ("arrays.npz", "manifest.json"):
        raw = (folder / name).read_bytes()
        (folder / name).unlink()
        assert "whole release" in refused(folder)
        (folder / name).write_bytes(raw)
    assert refused(tmp_path / "none")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"format": 1}, "layout 1 is not 2"), ({"format": None}, "layout None"),
        ({"format": "2"}, "layout '2'"), ({"kind": "loss"}, "unknown"),
        ({"kind": "price"}, "wrong"), ({"kind": "recovery"}, "wrong"), ({"kind": ["default"]}, "no text"),
        ({"name": 5}, "name is no text"), ({"version": ""}, "version is no text"),
        ({"form": None}, "form is no text"), ({"origin": {}}, "origin is no text"),
        ({"files": {}}, "whole release"), ({"files": []}, "whole release"), ({"files": None}, "whole"),
        ({"files": {"arrays.npz": 5}}, "match"), ({"files": {"arrays.npz": "0" * 64}}, "match"),
        ({"features": []}, "none"), ({"features": 5}, "whole release"), ({"features": [5]}, "whole"),
        ({"features": [{}]}, "whole release"), ({"features": manifest()["features"] * 2}, "stand twice"),
        ({"features": manifest()["features"][:1]}, "shape"),
    ],
    ids=str,
)  # fmt: skip
def test_manifests_that_are_refused(changes: dict[str, Any], told: str, tmp_path: Path) -> None:
    assert told in refused(put(tmp_path / "v1", TREE, manifest(**changes)))


@pytest.mark.parametrize(
    ("key", "value"),
    [("kind", "text"), ("unit", 5), ("codes", "abc"), ("codes", 5), ("codes", [1]), ("low", "a"),
     ("low", True), ("high", [1]), ("direction", 2), ("direction", "1"), ("zh", None), ("en", 5),
     ("actionable", 1), ("name", None), ("name", ["a"]), ("code_titles", 5), ("code_titles", [["a"]]),
     ("code_titles", [["a", "b"]])],
)  # fmt: skip
def test_features_that_are_refused(key: str, value: Any, tmp_path: Path) -> None:
    features = manifest()["features"]
    features[1] = {**features[1], key: value}
    assert refused(put(tmp_path / "v1", TREE, manifest(features=features)))
    del features[1][key]
    assert refused(put(tmp_path / "v1", TREE, manifest(features=features)))


@pytest.mark.parametrize(
    "name", ["../secret.txt", "/etc/hostname", "a/b", "..", ".", "", "a\0b", "a\\..\\b"]
)
def test_names_of_files_that_are_paths(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("x", encoding="utf-8")
    put(tmp_path / "v1")
    files = json.loads((tmp_path / "v1" / "manifest.json").read_text())["files"]
    assert refused(seal(tmp_path / "v1", manifest(files={**files, name: "0" * 64})))


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"[]", b"5", b"null", b'"text"', b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000,
        b'{"format": 2}', b'{"format": 2, "files": {}}',
    ],
    ids=lambda raw: repr(raw[:12]),
)  # fmt: skip
def test_manifests_that_are_no_manifest(raw: bytes, tmp_path: Path) -> None:
    (put(tmp_path / "v1") / "manifest.json").write_bytes(raw)
    assert refused(tmp_path / "v1")


# Arrays.


@pytest.mark.parametrize("base", [TREE, CARD], ids=["tree", "card"])
def test_arrays_that_are_missing_or_of_another_shape(base: dict[str, Any], tmp_path: Path) -> None:
    optional = {"cover", "category_row", "category_left", "category_known"}
    for name in sorted(set(base) - optional):
        without = {key: array for key, array in base.items() if key != name}
        assert refused(put(tmp_path / "v1", without)), name
    for name, array in base.items():
        for other in (array[:-1] if array.size else np.ones(7), np.append(array.ravel(), 0).astype(array.dtype),
                      np.zeros((0,), array.dtype), array.reshape(1, 1, -1), array[..., None, None]):  # fmt: skip
            if other.shape != array.shape and name not in {
                "baseline",
                "category_left",
                "category_known",
            }:
                assert refused(put(tmp_path / "v1", {**base, name: other})), (name, other.shape)


@pytest.mark.parametrize(
    "changes",
    [
        {"calibration": np.array([np.nan, 1.0])}, {"calibration": np.array([0.0, np.inf])},
        {"calibration": np.array([0.0, 0.0])}, {"calibration": np.array([0.0, -1.0])},
        {"low": np.array([np.nan, 0.0])}, {"low": np.array([10.0, 0.0])},
        {"calibration_x": np.array([0.0, 1.0])}, {"calibration_y": np.array([0.0, 1.0])},
        {"calibration_x": np.array([0.0, 1.0]), "calibration_y": np.array([0.0])},
        {"calibration_x": np.array([0.0, 1.0]), "calibration_y": np.array([0.0, np.nan])},
        {"calibration_x": np.array([0.0, 1.0]), "calibration_y": np.array([1.0, 0.0])},
        {"calibration_x": np.array([1.0, 1.0]), "calibration_y": np.array([0.0, 1.0])},
        {"calibration_x": np.eye(2), "calibration_y": np.eye(2)},
    ],
    ids=str,
)  # fmt: skip
def test_numbers_that_are_no_calibration_or_range(changes: dict[str, Any], tmp_path: Path) -> None:
    for base in (TREE, CARD):
        assert "wrong" in refused(put(tmp_path / "v1", {**base, **changes}))


@pytest.mark.parametrize(
    "changes",
    [
        {"left": np.array([0, 0, 0])}, {"right": np.array([0, 0, 0])}, {"right": np.array([1, 0, 0])},
        {"left": np.array([9, 0, 0])}, {"left": np.array([-1, 0, 0])}, {"feature": np.array([7, -1, -1])},
        {"feature": np.array([0, 0, -1])}, {"roots": np.array([1])}, {"roots": np.array([0, 0])},
        {"roots": np.array([0, 99])}, {"threshold": np.array([np.nan, 0.0, 0.0])},
        {"leaf": np.array([0.0, np.inf, 1.0])}, {"baseline": np.array([np.nan])},
        {"cover": np.array([30.0, 0.0, 10.0])}, {"category_row": np.array([5, -1, -1])},
    ],
    ids=str,
)  # fmt: skip
def test_trees_that_are_none(changes: dict[str, Any], tmp_path: Path) -> None:
    """A cycle would never end, a child outside would read another's memory."""
    assert "no sound trees" in refused(put(tmp_path / "v1", {**TREE, **changes}))


@pytest.mark.parametrize(
    "changes",
    [
        {"edge_starts": np.array([0, 2, 1])}, {"edge_starts": np.array([0, -1, 1])},
        {"point_starts": np.array([0, 2, 6])}, {"point_starts": np.array([1, 3, 6])},
        {"code_bins": np.array([0, 3, 1])}, {"code_bins": np.array([0, -1, 1])},
        {"points": np.array([30.0, 10.0, np.nan, 25.0, 15.0, 20.0])}, {"edges": np.array([np.nan])},
        {"scale": np.array([0.0, 60.0])}, {"scale": np.array([-20.0, 60.0])},
        {"card_mean": np.array([22.0, np.nan])}, {"is_category": np.array([True, False])},
    ],
    ids=str,
)  # fmt: skip
def test_cards_that_are_none(changes: dict[str, Any], tmp_path: Path) -> None:
    assert refused(put(tmp_path / "v1", {**CARD, **changes}))


def histograms(**changes: Any) -> dict[str, Any]:
    """Frozen histograms of two features: two edges and one."""
    return {
        "histogram_edges": np.array([1.0, 2.0, 0.5, 1.5]), "histogram_edge_starts": np.array([0, 2, 4]),
        "histogram_starts": np.array([0, 4, 8]), "histogram_counts": np.arange(8), **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"histogram_edge_starts": np.array([0, 2])}, {"histogram_edge_starts": np.array([0, 9, 4])},
        {"histogram_starts": np.array([0, 3, 8])}, {"histogram_counts": np.arange(7)},
        {"histogram_counts": -np.arange(8)}, {"histogram_edges": np.array([1.0, np.nan, 0.5, 1.5])},
        {"histogram_edges": np.array([1.0])}, {"histogram_edge_starts": np.array([0.0, 2.0, 4.0])},
    ],
    ids=str,
)  # fmt: skip
def test_histograms_that_are_none(changes: dict[str, Any], tmp_path: Path) -> None:
    load_release(put(tmp_path / "v1", {**TREE, **histograms()}))
    assert refused(put(tmp_path / "v1", {**TREE, **histograms(**changes)}))


@pytest.mark.parametrize(
    "array",
    [
        np.array([{"a": 1}, None], dtype=object), np.array(["a", "b"]), np.array([b"a", b"b"]),
        np.array([1 + 2j, 0]), np.array(["2020-01-01"] * 2, dtype="datetime64[D]"),
        np.array([1.0, 2.0], dtype=">f8"), np.array([1.0, 2.0], dtype=np.float32),
        np.array([1, 2], dtype=np.uint8), np.zeros(2, dtype=[("a", float)]),
    ],
    ids=lambda array: str(array.dtype),
)  # fmt: skip
def test_arrays_that_are_no_plain_numbers(array: Any, tmp_path: Path) -> None:
    """Objects would need a pickle; the kernels are compiled for three types alone."""
    assert refused(put(tmp_path / "v1", {**TREE, "calibration": array}))


def entry(shape: str, kind: str = "'<f8'", body: bytes = b"\0" * 16) -> bytes:
    """An array file with any header."""
    head = f"{{'descr': {kind}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    head += b" " * (-(len(head) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + body


@pytest.mark.parametrize(
    "content",
    [
        entry("(10**12,)"), entry("(1000000000000,)"), entry("(999999999999, 999999999999)"),
        entry("(-1,)"), entry("('a',)"), entry("(" * 300), entry("(2,)", "'|O'"), entry("(4,)"),
        entry("(2,)", "__import__('os')"), entry("(2,)", body=b""), b"", b"\x93NUMPY", b"text",
        entry("(2L,)"),
    ],
    ids=range(14),
)  # fmt: skip
def test_array_files_made_to_do_harm(content: bytes, tmp_path: Path) -> None:
    folder = put(tmp_path / "v1")
    with np.load(folder / "arrays.npz") as stored:
        buffers = {name: io.BytesIO() for name in stored.files}
        for name, buffer in buffers.items():
            np.save(buffer, stored[name])
    entries = {f"{name}.npy": buffer.getvalue() for name, buffer in buffers.items()}
    zipped(folder / "arrays.npz", {**entries, "calibration.npy": content})
    assert refused(seal(folder, manifest()))


def test_a_zip_that_unpacks_to_more_than_any_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten thousand zeros in a hundred bytes; the limit is lowered to keep the test quick."""
    folder = put(tmp_path / "v1")
    monkeypatch.setattr(release_module, "MOST_BYTES", 20_000)
    load_release(folder)
    zipped(
        folder / "arrays.npz",
        {"a.npy": entry("(9999,)", body=b"\0" * 79_992)},
        zipfile.ZIP_DEFLATED,
    )
    assert (folder / "arrays.npz").stat().st_size < 2_000
    assert "more than 20000 bytes" in refused(seal(folder, manifest()))
    (folder / "manifest.json").write_bytes(b" " * 20_001)
    assert "more than 20000 bytes" in refused(folder)


def test_a_zip_that_lies_about_its_size(tmp_path: Path) -> None:
    folder = put(tmp_path / "v1")
    zipped(
        folder / "arrays.npz",
        {"calibration.npy": entry("(2,)", body=b"\0" * 100_000)},
        zipfile.ZIP_DEFLATED,
    )
    raw = bytearray((folder / "arrays.npz").read_bytes())
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 24 : at + 28] = struct.pack("<I", 144)  # size when unpacked, in the directory
    (folder / "arrays.npz").write_bytes(raw)
    assert refused(seal(folder, manifest()))


def test_zips_that_are_none(tmp_path: Path) -> None:
    folder = put(tmp_path / "v1")
    whole = (folder / "arrays.npz").read_bytes()
    np.save(folder / "plain.npy", np.zeros(3))
    for raw in (b"", b"PK", whole[:-30], whole[: len(whole) // 2], (folder / "plain.npy").read_bytes(),
                b"\x80\x04\x95", b"x" * 100):  # fmt: skip
        (folder / "arrays.npz").write_bytes(raw)
        assert refused(seal(folder, manifest()))
    zipped(folder / "arrays.npz", {"calibration.txt": b"0.1 0.9"})
    assert refused(seal(folder, manifest()))
    zipped(folder / "arrays.npz", {})
    assert refused(seal(folder, manifest()))


def test_what_is_checked_is_what_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is exchanged after its digest was taken is not read again."""
    folder = put(tmp_path / "v1")
    read: list[str] = []
    real: Callable[..., bytes] = Path.read_bytes

    def once(path: Path) -> bytes:
        read.append(path.name)
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", once)
    load_release(folder)
    assert sorted(read) == ["arrays.npz", "manifest.json"]


def test_folders_where_files_should_be(tmp_path: Path) -> None:
    folder = put(tmp_path / "v1")
    (folder / "arrays.npz").unlink()
    (folder / "arrays.npz").mkdir()
    assert refused(folder)
    (tmp_path / "v2").symlink_to(tmp_path / "nowhere")
    assert refused(tmp_path / "v2")


def test_loading_runs_nothing(tmp_path: Path) -> None:
    """A pickle inside arrays.npz would touch a file when loaded."""
    touched = tmp_path / "touched"

    class Harm:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (touched,)

    assert refused(
        put(tmp_path / "v1", {**TREE, "calibration": np.array([Harm(), 1], dtype=object)})
    )
    assert not touched.exists()
