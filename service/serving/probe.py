"""Ask the service on this machine: ``python -m service.serving.probe /ready``."""

import os
import sys
from http.client import HTTPConnection, HTTPException

from service.sources import listed


def ask(path: str, port: int, seconds: float = 4.0) -> int:
    """Return the status with which the service answers.

    Parameters
    ----------
    path : str
        Path that is asked for.
    port : int
        Port on loopback.
    seconds : float
        Longest wait [s].

    Returns
    -------
    int
        HTTP status; 0 if nobody answers.
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        hosts = listed(os.environ.get("RISKENGINE_HOSTS") or "")
        connection.request("GET", path, headers={"Host": hosts[0]} if hosts else {})
        return connection.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()


if __name__ == "__main__":
    wanted = sys.argv[1] if len(sys.argv) > 1 else "/ready"
    sys.exit(0 if ask(wanted, int(os.environ.get("RISKENGINE_PORT", "8000"))) == 200 else 1)
