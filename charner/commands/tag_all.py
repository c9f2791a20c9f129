"""`charner tag-all`: tags large inputs in parts, on all cores or on a cluster."""

import sys
import time
from argparse import Namespace
from pathlib import Path

from tqdm import tqdm

from charner.bulk.run import BulkRun, Options
from charner.bulk.secrets import without_secrets
from charner.commands.tag import SKIPPED
from charner.support.errors import InputError, one_line
from charner.support.process import end_at_once_on_ctrl_c, raise_on_ctrl_c

MEGABYTE = 1_000_000


def tag_all(arguments: Namespace) -> int:
    """Tags the inputs of the arguments into a folder and returns the exit code.

    Raises:
        InputError: there is no model, the input or the folder is not as it should be, some row
            cannot be read and is not to be skipped, or the cluster failed.
    """
    options = Options(
        arguments.text_field, arguments.min_score, int(arguments.part_size * MEGABYTE)
    )
    model = Path(arguments.model)
    run = BulkRun(arguments.inputs, arguments.output, model, options, arguments.skip_bad)
    if 0 < len(run.waiting) < len(run.parts):
        print(f"resumes, parts left: {len(run.waiting):,} of {len(run.parts):,}", file=sys.stderr)
    if run.waiting:
        try:
            tag_waiting(run, arguments.cluster, arguments.workers)
        except KeyboardInterrupt:
            print("interrupted: the same command resumes", file=sys.stderr)
            raise
    totals = run.finish()
    output = one_line(without_secrets(arguments.output))
    print(
        f"{output}: parts {len(run.parts):,}, rows {totals['rows written']:,},"
        f" tokens {totals['tokens']:,}, entities {totals['entities']:,}"
    )
    if skipped := totals["rows skipped"]:
        print(f"rows skipped: {skipped:,}, see {output}/_rejects", file=sys.stderr)
    return SKIPPED if skipped else 0


def tag_waiting(run: BulkRun, cluster: str | None, workers: int | None) -> None:
    """Tags the parts that are left, and shows the progress on a terminal."""
    end_at_once_on_ctrl_c()
    from charner.bulk.cluster import tag_parts  # takes a while

    raise_on_ctrl_c()
    tqdm.monitor_interval = 0  # no thread: there may be few
    rows = tokens = 0
    started = time.monotonic()
    with tqdm(total=len(run.waiting), unit="part", disable=None, leave=False) as bar:
        for receipt in tag_parts(run.waiting, cluster, workers):
            if problem := receipt.get("problem"):
                raise InputError(problem)
            rows += receipt["rows read"]
            tokens += receipt["tokens"]
            seconds = time.monotonic() - started
            bar.set_postfix_str(f"{rows:,} rows, {tokens / seconds:,.0f} tokens/s", refresh=False)
            bar.update()
