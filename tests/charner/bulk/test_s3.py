"""Bulk tagging from and to S3: a real server on this machine."""

import json

import pytest

from charner.bulk.run import BulkRun
from charner.bulk.tag_part import tag_part
from charner.support.errors import InputError
from tests.charner.bulk.helpers import begin


def test_parts_are_tagged_once_and_the_run_goes_on(bucket, fs, model):
    rows = [{"id": number, "text": "ab cd"} for number in range(100)]
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    fs.pipe(f"{bucket}/in/a.jsonl", content)

    def run() -> BulkRun:
        return begin(f"s3://{bucket}/in", f"s3://{bucket}/out", model)

    first = run()
    assert len(first.parts) == 3
    tag_part(first.waiting[0])
    second = run()
    assert len(second.waiting) == 2
    for description in second.waiting:
        tag_part(description)
    totals = second.finish()
    assert totals["rows written"] == 100
    assert not run().waiting
    fs.invalidate_cache()
    names = sorted(name.removeprefix(f"{bucket}/out/") for name in fs.find(f"{bucket}/out"))
    parts = [name for name in names if name.startswith("part-")]
    assert parts == ["part-000000.jsonl", "part-000001.jsonl", "part-000002.jsonl"]
    assert [name for name in names if name.startswith("_temporary")] == []
    lines = b"".join(fs.cat_file(f"{bucket}/out/{name}") for name in parts).splitlines()
    assert [json.loads(line)["id"] for line in lines] == [*range(100)]
    fs.pipe(f"{bucket}/in/a.jsonl", content.replace(b"ab", b"gh"))
    with pytest.raises(InputError, match=r"a\.jsonl has changed"):
        run()


def test_what_the_storage_says_is_reported_in_a_line(bucket, fs, model, monkeypatch):
    with pytest.raises(InputError, match="no file is found"):
        begin(f"s3://{bucket}/in", f"s3://{bucket}/out", model)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    fs.clear_instance_cache()
    with pytest.raises(InputError, match=rf"^s3://{bucket}/in: .*Could not connect"):
        begin(f"s3://{bucket}/in", f"s3://{bucket}/out", model)
