"""Packed bytes: read back whole, in either format, or refused."""

import hashlib
import json
import re
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest

from service.examples import applications
from service.ids import DECISION, new_id, pattern_of
from service.store import packing
from service.store.packing import MOST_BYTES, pack, unpack

PINNED = {"1.txt": "4c1f53eba92adf5c266d7896ad071f55e65eca8f0abeaf1a236c031da5c68e41"}
CONTENTS = [b"", b"\0", b"a", b"evidence" * 1000, bytes(range(256)) * 5, "亩".encode() * 700]


@pytest.mark.parametrize("content", CONTENTS)
def test_what_is_packed_is_read_back(content: bytes) -> None:
    assert unpack(pack(content)) == content
    if content:
        assert unpack(pa.Codec("snappy").compress(content, asbytes=True)) == content  # of old


def test_no_dictionary_ever_changes() -> None:
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in packing.DICTIONARIES.glob("*.txt")
    }
    assert found == PINNED


def test_decisions_with_other_numbers_take_a_fifth_at_most() -> None:
    lines = (packing.DICTIONARIES / "1.txt").read_bytes().splitlines()[1:]
    others = [re.sub(rb"[2-8]", lambda found: b"%d" % (10 - int(found[0])), line) for line in lines]
    assert all(other != line for other, line in zip(others, lines, strict=True))
    assert sum(map(len, map(pack, others))) < sum(map(len, others)) / 5


def test_whatever_is_altered_or_cut_is_refused() -> None:
    packed = pack(json.dumps(applications(), ensure_ascii=False, sort_keys=True).encode())
    for place in range(len(packed)):
        altered = bytearray(packed)
        altered[place] ^= 0x55
        with pytest.raises(ValueError, match="damaged"):
            unpack(bytes(altered))
    for length in range(len(packed)):
        with pytest.raises(ValueError, match="damaged"):
            unpack(packed[:length])
    with pytest.raises(ValueError, match="damaged"):
        unpack(packed + b"\0")


def test_a_size_beyond_all_is_not_made_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MOST_BYTES", 1000)
    assert unpack(pack(b"a" * 1000))
    with pytest.raises(ValueError, match="damaged"):
        unpack(pack(b"a" * 1001))
    with pytest.raises(ValueError, match="damaged"):
        unpack(pa.Codec("snappy").compress(b"a" * 1001, asbytes=True))
    assert MOST_BYTES > 1000


def test_threads_pack_side_by_side() -> None:
    contents = [bytes([k % 251]) * (k * 37 % 5000) for k in range(2000)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda content: unpack(pack(content)), contents)) == contents


def test_ids_grow_and_differ() -> None:
    made = [new_id(DECISION) for _ in range(20_000)]
    assert len(set(made)) == len(made)
    assert all(re.fullmatch(pattern_of(DECISION), one) for one in made)
    assert [one[:14] for one in made] == sorted(one[:14] for one in made)
    assert {one[14] for one in made} == {"7"}
    assert {one[18] for one in made} == set("89ab")
