"""Packing of what is written with every decision: Snappy, an open format that costs little.

Measured on answers of 8.5 KB: a twentieth of the time of zlib at its fastest, a quarter more
bytes.
"""

from functools import cache

import pyarrow as pa

MOST_BYTES = 64 * 1024 * 1024
"""Largest content that is unpacked [byte]: packed bytes state their size, and could lie."""


@cache
def _snappy() -> pa.Codec:
    return pa.Codec("snappy")


def pack(content: bytes) -> bytes:
    """Pack content.

    Parameters
    ----------
    content : bytes
        At most `MOST_BYTES`.

    Returns
    -------
    bytes
        In the raw format of Snappy, which begins with the size.
    """
    packed: bytes = _snappy().compress(content, asbytes=True)
    return packed


def unpack(packed: bytes) -> bytes:
    """Unpack content.

    Parameters
    ----------
    packed : bytes
        As `pack` returned it.

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
    size = _size(packed)
    try:
        content: bytes = _snappy().decompress(packed, size, asbytes=True)
    except (OSError, pa.ArrowException) as fault:
        raise ValueError("packed content is damaged") from fault
    return content


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
