"""`charner tag-all`: tags large inputs in parts, on all cores or on a cluster."""

import math
import sys
import time
from argparse import Namespace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from charner.bulk.secrets import without_secrets
from charner.commands.tag import SKIPPED, add_tagger_options, number
from charner.support.errors import InputError, one_line
from charner.support.process import end_at_once_on_ctrl_c, raise_on_ctrl_c

if TYPE_CHECKING:
    from charner.bulk.run import BulkRun

MEGABYTE = 1_000_000


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "tag-all",
        help="tag large files in parts, on all cores or on a Dask cluster",
        description="Finds named entities in the rows of JSON lines or Parquet, and writes them"
        " with their rows, a part of the output for each part of the input. The same command again"
        " resumes where it was stopped.",
        epilog="Exit codes: 0: all rows were tagged; 1: bad input, no model, or no cluster; 2:"
        " wrong usage; 3: some rows were skipped (--skip-bad).",
    )
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="files (.jsonl, .jsonl.gz, .parquet), globs or folders, on disk or as a URL"
        " (s3://bucket/folder)",
    )
    parser.add_argument(
        "--output", required=True, metavar="FOLDER", help="a new folder, on disk or as a URL"
    )
    parser.add_argument(
        "--text-field",
        default="text",
        metavar="NAME",
        help="the field or column that holds the text; default: text",
    )
    parser.add_argument(
        "--skip-bad",
        action="store_true",
        help="skip rows that cannot be read, and list them in _rejects, instead of stopping",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--workers",
        type=number(int, lambda count: count > 0, "a whole number above 0"),
        metavar="NUMBER",
        help="processes; default: one for each core",
    )
    where.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="a Dask scheduler, such as tcp://host:8786; default: this machine",
    )
    parser.add_argument(
        "--part-size",
        type=number(float, lambda size: 1 / MEGABYTE <= size < math.inf, "a number above 0"),
        default=8.0,
        metavar="MEGABYTES",
        help="large files are cut in parts of about this size; default: 8",
    )
    add_tagger_options(parser)
    parser.set_defaults(run=tag_all)


def tag_all(arguments: Namespace) -> int:
    """Tags the inputs of the arguments into a folder and returns the exit code.

    Raises:
        InputError: there is no model, the input or the folder is not as it should be, some row
            cannot be read and is not to be skipped, or the cluster failed.
    """
    if missing := [name for name in ("distributed", "fsspec", "pyarrow") if not find_spec(name)]:
        raise InputError(
            f"tag-all needs {', '.join(missing)}; "
            "to install, in the project's folder: pip install -e '.[bulk]'"
        )
    from charner.bulk.run import BulkRun

    raise_on_ctrl_c()
    run = BulkRun(
        arguments.inputs,
        arguments.output,
        Path(arguments.model),
        text_field=arguments.text_field,
        min_score=arguments.min_score,
        part_size=int(arguments.part_size * MEGABYTE),
        skip_bad=arguments.skip_bad,
    )
    if 0 < len(run.waiting) < len(run.parts):
        print(f"resumes, parts left: {len(run.waiting):,} of {len(run.parts):,}", file=sys.stderr)
    if run.waiting:
        try:
            _tag_waiting(run, arguments.cluster, arguments.workers)
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


def _tag_waiting(run: "BulkRun", cluster: str | None, workers: int | None) -> None:
    """Tags the parts that are left, and shows the progress on a terminal."""
    end_at_once_on_ctrl_c()
    from tqdm import tqdm

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
