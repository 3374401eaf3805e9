"""The end of a listening socket, so that nobody is let in whom nobody answers.

A connection that waits to be accepted when the last process lets go of the socket would be
reset.  So new ones are held off first, while those that wait are still accepted; their clients
ask the system again after a second, and are refused then.
"""

import contextlib
import ctypes
import socket

SO_ATTACH_FILTER = 26
"""Of Linux (socket(7)); where the system has no such option, nobody is held off."""
PROGRAM = ((0x30, 0, 0, 13), (0x45, 0, 1, 0x02), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFF))
"""Classic BPF on a TCP header (RFC 9293, 3.1): load the flags, drop what has SYN, keep the rest."""


class _Step(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort), ("yes", ctypes.c_ubyte), ("no", ctypes.c_ubyte),
        ("value", ctypes.c_uint32),
    )  # fmt: skip


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.POINTER(_Step)))


def shut(listener: socket.socket) -> None:
    """Hold off new connections, for every process that holds the socket, and let go of it.

    Parameters
    ----------
    listener : socket.socket
        Listening; closed afterwards.  The others accept those that wait, then close it too.
    """
    steps = (_Step * len(PROGRAM))(*(_Step(*one) for one in PROGRAM))
    program = _Filter(len(PROGRAM), steps)
    with contextlib.suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, bytes(program))
    listener.close()
