"""Runs experiments on the workers of a Dask cluster, and prints them as a table.

    python -m benchmarks.cluster_sweep tcp://first:8786 \
        -S train.seed=1,2,3 -S model.cnn_lstm_crf.lstm_units=150,200

Each job clones the git remote `origin` at the last commit, runs one combination of the values, and
pushes the experiment to `origin` and its outputs to DVC's remote. A job that fails, or whose worker
dies, is tried again. At the end the experiments are pulled from `origin`; `dvc exp apply` works as
after a sweep on this machine. Workers need git, the requirements of the pipeline, Dask (the extra
`bulk`), and access to both remotes.
"""

import argparse
import hashlib
import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import cloudpickle
import distributed
from dvc.exceptions import DvcException
from dvc.utils.hydra import get_hydra_sweeps

from benchmarks import sweep
from benchmarks.sweep import Cost, finished_runs, table

RETRIES = 2  # of a job that failed; Dask itself starts those again whose worker has died
PUSHES = 5  # two jobs that push at once may refuse each other


def run_job(url: str, revision: str, name: str, settings: list[str]) -> Cost:
    """Runs one experiment in a new clone of the git repository at `url`, and pushes it.

    Raises:
        RuntimeError: a command failed; the message has the end of its output.
    """
    # Dask deletes the worker's folder, also if the worker was killed.
    with tempfile.TemporaryDirectory(dir=distributed.get_worker().local_directory) as folder:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

        def run(*command: str) -> str:
            done = subprocess.run(
                command,
                cwd=folder,
                env={**os.environ, "PATH": path},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            if done.returncode:
                raise RuntimeError(f"{' '.join(command)}: {done.stdout[-2000:]}")
            return done.stdout

        run("git", "clone", "--quiet", "--no-checkout", url, ".")
        run("git", "checkout", "--quiet", "--detach", revision)
        options = [part for setting in settings for part in ("-S", setting)]
        output = run(sys.executable, "-m", "dvc", "exp", "run", "--pull", "--name", name, *options)
        for attempt in range(1, PUSHES + 1):
            try:
                run(sys.executable, "-m", "dvc", "exp", "push", "--force", "origin", name)
                break
            except RuntimeError:
                if attempt == PUSHES:
                    raise
                time.sleep(random.uniform(1, 5))
    return sweep.cost(output)


def run_jobs(
    address: str, url: str, revision: str, jobs: dict[str, list[str]]
) -> tuple[dict[str, Cost], str]:
    """Runs all jobs on the cluster, and reports each that is done or has failed.

    Returns:
        The costs of the jobs that are done, by name; why the cluster is gone, or nothing.
    """
    # The workers need not have this folder on their path.
    cloudpickle.register_pickle_by_value(sweep)
    costs: dict[str, Cost] = {}
    try:
        with distributed.Client(address) as client:
            futures = {
                client.submit(
                    *(run_job, url, revision, name, settings),
                    key=f"{name}-{uuid.uuid4().hex}",
                    retries=RETRIES,
                ): name
                for name, settings in jobs.items()
            }
            for future in distributed.as_completed(futures):
                name = futures[future]
                if future.status == "finished":
                    costs[name] = Cost(*future.result())
                    outcome = "done"
                else:
                    outcome = str(future.exception() if future.status == "error" else "lost")
                print(f"{name} {' '.join(jobs[name])}: {outcome}", file=sys.stderr, flush=True)
    except (OSError, ValueError, distributed.CancelledError) as error:
        return costs, f"{address}: {error or 'the scheduler is gone'}"
    return costs, ""


def output(*command: str) -> str:
    """The output of a command; ends the program if it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    return done.stdout if not done.returncode else sys.exit(done.returncode)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("cluster", metavar="ADDRESS", help="that of a Dask scheduler")
    parser.add_argument(
        *("-S", "--set-param"), action="append", required=True, metavar="KEY=VALUE,VALUE..."
    )
    arguments = parser.parse_args()
    try:
        combinations = get_hydra_sweeps({"params.yaml": arguments.set_param})
    except DvcException as error:
        sys.exit(f"error: {error}")
    revision = output("git", "rev-parse", "HEAD").strip()
    if not output("git", "branch", "--remotes", "--contains", revision, "--list", "origin/*"):
        sys.exit("error: the last commit is not in the git remote `origin`; `git push` first")
    url = output("git", "remote", "get-url", "origin").strip()
    jobs = {}
    for settings in (combination["params.yaml"] for combination in combinations):
        digest = hashlib.sha256(" ".join([revision, *settings]).encode()).hexdigest()
        jobs[f"sweep-{digest[:7]}"] = settings
    try:
        costs, problem = run_jobs(arguments.cluster, url, revision, jobs)
    except KeyboardInterrupt:
        sys.exit("interrupted; the workers finish the jobs that they have begun")
    if costs:
        output(sys.executable, "-m", "dvc", "exp", "pull", "--force", "origin", *costs)
        print(table(finished_runs(revision, costs.get)))
    if problem:
        sys.exit(f"error: {problem}")
    if len(costs) < len(jobs):
        sys.exit(f"error: {len(jobs) - len(costs)} of {len(jobs)} jobs failed, see above")


if __name__ == "__main__":
    main()
