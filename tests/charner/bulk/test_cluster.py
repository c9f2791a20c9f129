import os
import signal
import sys
from pathlib import Path

import cloudpickle

from charner.bulk import cluster


def killing_part(description: dict) -> dict:
    """Kills the first four workers that it runs on."""
    deaths = Path(description["deaths"])
    if (count := len([*deaths.iterdir()])) < 4:
        (deaths / str(count)).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return {"deaths": count}


def test_a_part_on_workers_that_died_is_started_again(tmp_path, monkeypatch):
    """Even after Dask has given it up."""
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    monkeypatch.setattr(cluster, "tag_part", killing_part)
    description = {"part": {"number": 0}, "deaths": str(tmp_path)}
    assert [*cluster.tag_parts([description], None, 1)] == [{"deaths": 4}]
