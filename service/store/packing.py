"""Packing of what is written with every decision: Zstandard (RFC 8878) with a dictionary.

Answers are mostly the same words.  A dictionary of example answers holds them, so that a
decision takes a tenth of its bytes, at the time of the fastest formats without one.  What is
packed begins with a zero and the number of its dictionary, a text in ``dictionaries``; a
dictionary is never changed, a better one takes the next number.  What was packed before there
were dictionaries is in the raw format of Snappy, of which only no content at all begins so.
"""

import sys
import threading
from functools import cache
from pathlib import Path

import pyarrow as pa

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DICTIONARIES = Path(__file__).with_name("dictionaries")
NEWEST = 1
"""Number of the dictionary by which content is packed, from 1 to 255."""
MOST_BYTES = 64 * 1024 * 1024
"""Largest content that is unpacked [byte]: packed bytes state their size, and could lie."""
SHORTEST = 10
"""Fewer bytes hold no frame [byte]."""
LEVEL = 1
"""Of 22: a higher one takes more time, and hardly fewer bytes beside a dictionary."""


@cache
def _dictionary(number: int) -> zstd.ZstdDict:
    """A dictionary by its number."""
    return zstd.ZstdDict((DICTIONARIES / f"{number}.txt").read_bytes(), is_raw=True)


class _Own(threading.local):
    """A thread's own compressor: making one takes longer than using it."""

    def __init__(self) -> None:
        self.compressor = zstd.ZstdCompressor(
            options={
                zstd.CompressionParameter.compression_level: LEVEL,
                zstd.CompressionParameter.checksum_flag: 1,
            },
            zstd_dict=_dictionary(NEWEST).as_digested_dict,
        )  # fmt: skip


@cache
def _own() -> _Own:
    return _Own()


def pack(content: bytes) -> bytes:
    """Pack content.

    Parameters
    ----------
    content : bytes
        At most `MOST_BYTES`.

    Returns
    -------
    bytes
        0, the number of the dictionary, a frame with its size and checksum.
    """
    compressor = _own().compressor
    compressor.set_pledged_input_size(len(content))
    return bytes((0, NEWEST)) + compressor.compress(content, compressor.FLUSH_FRAME)


def unpack(packed: bytes) -> bytes:
    """Unpack content.

    Parameters
    ----------
    packed : bytes
        As `pack` returned it, with whatever dictionary, or in the raw format of Snappy.

    Returns
    -------
    bytes
        The content.

    Raises
    ------
    ValueError
        If it was altered or cut.

    Examples
    --------
    >>> unpack(pack(b"evidence" * 50)) == b"evidence" * 50
    True
    """
    try:
        return _unpacked(packed) if packed[:1] == b"\0" else _from_snappy(packed)
    except (OSError, pa.ArrowException, zstd.ZstdError) as fault:
        raise ValueError("packed content is damaged") from fault


def _unpacked(packed: bytes) -> bytes:
    """Content of a frame with a dictionary; `OSError` where there is no such dictionary."""
    if len(packed) < SHORTEST:
        raise ValueError("packed content is damaged")
    frame = packed[2:]
    size = zstd.get_frame_info(frame).decompressed_size
    if size is None or size > MOST_BYTES:
        raise ValueError("packed content is damaged")
    dictionary = _dictionary(packed[1]).as_digested_dict
    opened = zstd.ZstdDecompressor(zstd_dict=dictionary)
    content: bytes = opened.decompress(frame)
    if not opened.eof or opened.unused_data or len(content) != size:
        raise ValueError("packed content is damaged")
    return content


def _from_snappy(packed: bytes) -> bytes:
    """Content in the raw format of Snappy."""
    content: bytes = _snappy().decompress(packed, _size(packed), asbytes=True)
    return content


@cache
def _snappy() -> pa.Codec:
    return pa.Codec("snappy")


def _size(packed: bytes) -> int:
    """Size that packed content states of itself (varint, Snappy format description, 1)."""
    size = 0
    for k, byte in enumerate(packed[:5]):
        size |= (byte & 0x7F) << (7 * k)
        if byte < 0x80:
            if size > MOST_BYTES:
                break
            return size
    raise ValueError("packed content is damaged")
