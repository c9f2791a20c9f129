"""Passwords in URLs: the workers get them, nobody else."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from charner.bulk.secrets import hidden, without_secrets
from charner.bulk.storage import storage_errors
from charner.support.errors import InputError
from tests.charner.bulk.helpers import TEXTS, json_lines

SECRET = "hunter2-secret"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"ftp://user:{SECRET}@host/a.jsonl", "ftp://host/a.jsonl"),
        ("abfss://container@account/a.jsonl", "abfss://container@account/a.jsonl"),
        (f"ftp://user:p@{SECRET}@host:21/a.jsonl", "ftp://host:21/a.jsonl"),
        (f"s3://key:with/slash{SECRET}@bucket/a", "s3://bucket/a"),
        (f"https://{SECRET}@host/a@b.jsonl", "https://host/a@b.jsonl"),
        (f"https://host/a.jsonl?X-Amz-Signature={SECRET}&b=c", "https://host/a.jsonl"),
        (f"https://host:8080/x@y/a.jsonl#{SECRET}", "https://host:8080/x@y/a.jsonl"),
        (
            f"zip://a.jsonl::https://user:{SECRET}@host/x.zip?token={SECRET}",
            "zip://a.jsonl::https://host/x.zip",
        ),
        (f"simplecache::ftp://u:{SECRET}@host/a?.jsonl", "simplecache::ftp://host/a?.jsonl"),
    ],
)
def test_what_is_left_of_a_url(url, shown):
    assert without_secrets(url) == shown
    assert hidden(f"no {url} here", "") == f"no {shown} here"


@pytest.mark.parametrize(
    "url", ["/a/b@c.jsonl", "s3://bucket/a@b/[ab]?.jsonl", "zip://a@b::/x.zip", "a?b=c.jsonl"]
)
def test_urls_without_secrets_stay_as_they_are(url):
    assert without_secrets(url) == url


@pytest.mark.parametrize(
    "message",
    [
        f"Invalid bucket name 'key:{SECRET}@bucket'",
        f"530 {SECRET} is wrong",
        f"GET /a?token={SECRET}",
        "denied: with%2Fslash, with/slash",
    ],
)
def test_what_a_library_says_is_reported_without_secrets(message):
    url = f"zip://a::https://key:{SECRET}@host/a?token={SECRET}&more=with%2Fslash"
    with pytest.raises(InputError) as told, storage_errors(url):
        raise PermissionError(message)
    assert str(told.value).startswith("zip://a::https://host/a: ")
    assert SECRET not in str(told.value)
    assert "slash" not in str(told.value)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (TimeoutError(), "TimeoutError"),
        (KeyError("a"), "KeyError: 'a'"),
        (OSError("no host"), "no host"),
    ],
)
def test_an_error_of_a_library_has_a_name_or_a_message(error, message):
    with pytest.raises(InputError, match=f"^s3://in: {message}$"), storage_errors("s3://in"):
        raise error


def everything_in(folder: Path) -> str:
    files = (path for path in folder.rglob("*") if path.is_file() and path.parent.name != "_model")
    return "".join(path.read_text() for path in files)


def test_nothing_that_is_written_has_the_secrets_of_the_input(run, tmp_path, bucket, fs):
    """With real servers: signed URLs, a password, and both in a chain; then others."""
    plain = json_lines(tmp_path / "in.jsonl").read_bytes() + b"[]\n"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("b.jsonl", plain)
    fs.pipe(f"{bucket}/a.jsonl", plain)
    fs.pipe(f"{bucket}/x.zip", archive.getvalue())

    def signed(name: str, password: str) -> str:
        url = fs.sign(f"{bucket}/{name}", expiration=1000)
        assert "Signature=" in url
        return url.replace("http://", f"http://user:{password}@") + f"&password={password}"

    def inputs(password: str) -> list[str]:
        return [signed("a.jsonl", password), f"zip://b.jsonl::{signed('x.zip', password)}"]

    with pytest.raises(InputError, match=r"a\.jsonl:7: not a JSON object") as told:
        run(*inputs(SECRET), part_size=10_000)
    totals = run(*inputs(SECRET), part_size=10_000, skip_bad=True)
    assert (totals["rows written"], totals["rows skipped"]) == (2 * len(TEXTS), 2)
    found = everything_in(tmp_path / "output") + str(told.value)
    assert "x.zip:7: not a JSON object" in found
    for secret in (SECRET, "user", "Signature", "Credential", "testing"):
        assert secret not in found
    assert run(*inputs("changed"), part_size=10_000, skip_bad=True)["tagged"] == 0
    fs.rm(f"{bucket}/a.jsonl")
    with pytest.raises(InputError) as gone:
        run(*inputs(SECRET), part_size=10_000)
    assert SECRET not in str(gone.value)
    paths = [
        file["path"]
        for file in json.loads((tmp_path / "output/_manifest.json").read_text())["input"]
    ]
    assert [path.rpartition("/")[2] for path in paths] == ["a.jsonl", "x.zip"]
