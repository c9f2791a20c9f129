import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import cloudpickle
import psutil
import pytest

from charner.bulk import cluster
from charner.support.errors import InputError

pytestmark = pytest.mark.slow


def killing_part(description: dict) -> dict:
    """Kills the first four workers that it runs on."""
    deaths = Path(description["deaths"])
    if (count := len([*deaths.iterdir()])) < 4:
        (deaths / str(count)).touch()
        time.sleep(3)  # Dask gives up for good a worker that dies while it is being started
        os.kill(os.getpid(), signal.SIGKILL)
    return {"deaths": count}


def test_two_runs_on_a_machine_warn_of_nothing(recwarn):
    """Each has a free port, which nothing outside the machine can reach."""
    with cluster._client(None, 1) as first, cluster._client(None, 1) as second:
        assert first.scheduler.address != second.scheduler.address
        this = psutil.Process()
        listening = {
            connection.laddr.ip
            for process in (this, *this.children(recursive=True))
            for connection in process.net_connections()
            if connection.status == psutil.CONN_LISTEN
        }
        assert listening == {"127.0.0.1"}
    assert [str(one.message) for one in recwarn if "Port" in str(one.message)] == []


def test_a_part_on_workers_that_died_is_started_again(tmp_path, monkeypatch):
    """Even after Dask has given it up."""
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    monkeypatch.setattr(cluster, "tag_part", killing_part)
    description = {"part": {"number": 0}, "deaths": str(tmp_path)}
    assert [*cluster.tag_parts([description], None, 1)] == [{"deaths": 4}]


def test_no_worker_left_is_reported(monkeypatch):
    start = cluster._client

    @contextlib.contextmanager
    def client_whose_worker_ends(*arguments):
        with start(*arguments) as client:
            (worker,) = client.cluster.workers.values()
            client.cluster.sync(worker.close)
            yield client

    monkeypatch.setattr(cluster, "SECONDS_TO_RESTART", 1)
    monkeypatch.setattr(cluster, "_client", client_whose_worker_ends)
    with pytest.raises(InputError, match="all workers have died"):
        [*cluster.tag_parts([{"part": {"number": 0}}], None, 1)]
