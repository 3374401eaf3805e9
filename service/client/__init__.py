"""A typed client of the service, of the standard library alone; generated but for its transport.

Examples
--------
>>> client = Client("http://127.0.0.1:8000", "rk_...")
>>> client
Client('127.0.0.1:8000')
"""

import time

from service.client.operations import Operations
from service.client.transport import Answer, ServiceProblem
from service.client.types import JobAnswer

__all__ = ["Answer", "Client", "ServiceProblem"]

ENDED = frozenset({"done", "failed", "cancelled"})


class Client(Operations):
    """Every operation of the service as a method; arguments as for `Transport`."""

    def wait_for_job(
        self, job_id: str, most_seconds: float = 3600.0, pause_seconds: float = 1.0
    ) -> JobAnswer:
        """Wait until a job has ended.

        Parameters
        ----------
        job_id : str
            Which.
        most_seconds, pause_seconds : float
            How long to wait at most, and between two looks [s].

        Returns
        -------
        JobAnswer
            Done, failed or cancelled: see its ``state`` and ``problem``.

        Raises
        ------
        TimeoutError
            If it has not ended by then.
        ServiceProblem
            404 if there is no such job.
        """
        waited = 0.0
        while True:
            job = self.show_job(job_id)
            if job["state"] in ENDED:
                return job
            if waited >= most_seconds:
                raise TimeoutError(f"{job_id} is {job['state']}")
            time.sleep(pause_seconds)
            waited += pause_seconds
