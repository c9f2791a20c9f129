"""Runs parts on Dask: on the cores of this machine, or on a cluster."""

import contextlib
import logging
import sys
import time
import uuid
from collections import Counter, deque
from collections.abc import Iterator
from multiprocessing import resource_tracker
from typing import Any

import dask
import distributed
from dask.system import CPU_COUNT

from charner.bulk.secrets import without_secrets
from charner.bulk.tag_part import PartError, tag_part
from charner.support.errors import InputError
from charner.support.process import no_ctrl_c

RETRIES = 3  # of a part after an error, of the storage for example
STARTS = 4  # of a part; after each, Dask gives a part up that was on four workers that died
SECONDS_TO_RESTART = 60  # after which Dask gives up a worker of this machine that has died
SECONDS_TO_LOOK = 0.01  # for parts that are done; small parts take about as long
IN_FLIGHT = 2  # parts for each thread of a worker: one that is tagged, one that waits


def tag_parts(
    descriptions: list[dict[str, Any]], address: str | None, workers: int | None
) -> Iterator[dict[str, Any]]:
    """Tags parts and yields what `tag_part` returns, in the order in which they are done.

    Args:
        descriptions: of the parts, see `tag_part`.
        address: that of a scheduler; None: workers are started on this machine.
        workers: how many, if on this machine; None: one for each core.

    Raises:
        InputError: the scheduler cannot be reached or is gone, a part made several workers die or
            fail, or no worker is left on this machine.
    """
    waiting = deque(descriptions)
    running: dict[str, dict[str, Any]] = {}
    starts: Counter[int] = Counter()
    with _client(address, workers) as client:
        if not client.nthreads():
            print(f"{address}: waiting for the first worker", file=sys.stderr)
        done = distributed.as_completed()
        try:
            while waiting or running:
                # Asked each time: workers that join later are used, too.
                threads = max(1, sum(client.nthreads().values()))
                while waiting and len(running) < IN_FLIGHT * threads:
                    description = waiting.popleft()
                    number = description["part"]["number"]
                    starts[number] += 1
                    key = f"part-{number}-{uuid.uuid4().hex}"
                    running[key] = description
                    done.add(client.submit(tag_part, description, key=key, retries=RETRIES))
                for future in _next_batch(done, client):
                    description = running.pop(str(future.key))
                    number = description["part"]["number"]
                    error = future.exception() if future.status == "error" else None
                    if isinstance(error, distributed.KilledWorker) and starts[number] < STARTS:
                        waiting.appendleft(description)
                    elif isinstance(error, PartError):
                        raise InputError(f"part {number} failed: {error}")
                    elif error:
                        path = without_secrets(description["part"]["path"])
                        raise InputError(
                            f"part {number} failed: {path}: {type(error).__name__}: {error}"
                        )
                    else:
                        yield future.result()
        except (OSError, distributed.CancelledError) as error:
            raise InputError(
                f"the scheduler is gone ({type(error).__name__}); the same command resumes"
            ) from None


def _next_batch(
    done: distributed.as_completed, client: distributed.Client
) -> list[distributed.Future]:
    """The futures that are done; waits for one, unless all workers of this machine have died."""
    while not (batch := done.next_batch(block=False)):
        if client.cluster and not client.cluster.workers:
            raise InputError("all workers have died; the same command resumes")
        time.sleep(SECONDS_TO_LOOK)
    return batch


@contextlib.contextmanager
def _client(address: str | None, workers: int | None) -> Iterator[distributed.Client]:
    # No tracebacks of Dask's connections; what matters is raised.
    for name in logging.root.manager.loggerDict:
        if name.split(".")[0] in ("distributed", "tornado", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
    with contextlib.ExitStack() as stack:
        try:
            if address is None:
                resource_tracker.ensure_running()  # it would clear the mask of signals
                # Otherwise each worker would print a traceback; this process ends them.
                with no_ctrl_c():
                    cluster = stack.enter_context(_local_cluster(workers))
                client = distributed.Client(cluster)
            else:
                client = distributed.Client(address, timeout="10s")
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            if address is None:
                raise InputError(f"the workers did not start ({error})") from None
            raise InputError(f"{address}: no Dask scheduler answers ({error})") from None
        yield stack.enter_context(client)


def _local_cluster(workers: int | None) -> distributed.LocalCluster:
    """Workers of this machine, which nothing outside it can reach."""
    dask.config.set({"distributed.deploy.lost-worker-timeout": SECONDS_TO_RESTART})
    return distributed.LocalCluster(
        n_workers=workers or CPU_COUNT,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        # There is an HTTP server all the same. Its usual port may be taken; 0 is any free one.
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
        silence_logs=logging.CRITICAL,
    )
