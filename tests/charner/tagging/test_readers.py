import io
from functools import partial

import pytest

from charner.tagging import readers
from charner.tagging.readers import (
    BadDocument,
    TextDocument,
    TokenDocument,
    batches,
    read_conll,
    read_jsonl,
    read_lines,
    read_text,
)


def read(documents, content: bytes) -> list:
    return [d for batch in batches(documents(io.BytesIO(content), "in")) for d in batch]


def messages(documents, content: bytes) -> list[str]:
    return [d.message for d in read(documents, content) if isinstance(d, BadDocument)]


def test_every_line_is_a_text_without_its_end():
    found = read(
        read_lines, b"\xef\xbb\xbfone\n\n\xef\xbb\xbftwo \r\nthree\x0bfour\xe2\x80\xa8five\rsix"
    )
    assert [d.text for d in found] == ["one", "", "\ufefftwo ", "three\x0bfour\u2028five\rsix"]


def test_a_file_is_a_text_as_it_is():
    (found,) = read(read_text, b"\xef\xbb\xbfone\r\n\ntwo\n")
    assert (found.text, found.title) == ("one\r\n\ntwo\n", "in")


def test_objects_are_kept_with_their_text():
    found = read(read_jsonl, b'{"id": 1, "text": "a"}\n\n {"text": "\\u00e9\\ud800"}')
    assert [d.text for d in found] == ["a", "é\ud800"]
    assert found[0].record == {"id": 1, "text": "a"}
    (other,) = read(partial(read_jsonl, text_field="body"), b'{"body": "b", "text": 3}')
    assert other.text == "b"


COLUMNS = b"one A\ntwo\tB\n\n\nthree C\n-DOCSTART- -X- O\n\nfour\n\nfive\n\n-DOCSTART-\nsix"


def test_documents_are_what_stands_between_their_lines():
    found = read(read_conll, COLUMNS)
    assert [d.sentences for d in found] == [
        [["one", "two"]],
        [],
        [["three"]],
        [["four"], ["five"]],
        [["six"]],
    ]
    assert [line for d in found for line in d.lines] == COLUMNS.decode().splitlines()


def test_a_byte_order_mark_at_the_start_of_a_line_is_no_content():
    (found,) = read(read_conll, "\ufeffone O\n\ufefftwo O\n\ufeff-DOCSTART- O\n".encode())[:1]
    assert found.sentences == [["one", "two"]]


def test_documents_know_their_location():
    assert [d.location for d in read(read_conll, COLUMNS)] == [
        *("in:1", "in:4", "in:5", "in:6", "in:12"),
    ]
    assert [d.location for d in read(read_lines, b"a\n\nb")] == ["in:1", "in:2", "in:3"]
    assert [d.location for d in read(read_jsonl, b'\n{"text": ""}')] == ["in:2"]
    assert [d.location for d in read(read_text, b"a")] == ["in"]


def test_a_token_may_hold_any_character_but_space_and_tab():
    (found,) = read(read_conll, "a\u00a0b\u2028c O\n  # O".encode())
    assert found.sentences == [["a\u00a0b\u2028c", "#"]]


def test_where_the_first_line_has_tabs_alone_tokens_may_hold_spaces():
    found = read(
        read_conll, b"-DOCSTART- O\n\nIn\tO\nNew York\tO\n-DOCSTART- b\tO\n-DOCSTART- O\na b\tO\n"
    )
    assert [d.sentences for d in found] == [[["In", "New York", "-DOCSTART- b"]], [["a b"]]]
    assert {d.separator for d in found} == {"\t"}
    (found,) = read(read_conll, b"New York O\nthree four\tO\n")
    assert found.sentences == [["New", "three"]]


@pytest.mark.parametrize("documents", [read_lines, read_text, read_jsonl, read_conll])
def test_sizes_are_those_of_the_bytes_read(documents):
    content = b'{"text": "a b"}\r\nx\xff\n{"text": "c"}\n-DOCSTART-\n\nlast'
    empty_line = 1 if documents is read_jsonl else 0  # there it is no document
    assert sum(d.size for d in read(documents, content)) == len(content) - empty_line


@pytest.mark.parametrize(
    ("documents", "content", "expected"),
    [
        (read_lines, b"a\nb\xffc\nd", ["in:2: byte 0xff is not UTF-8"]),
        (read_text, b"a\nb\n\xc3", ["in:3: byte 0xc3 is not UTF-8"]),
        (read_conll, b"a O\r\n\nb O\rc O\r\r\n", ["in:3: a line break of old Macs"]),
        (read_conll, b"a\tO\n\n\tb\tO\n", ["in:3: the token is empty"]),
        (read_conll, b"-DOCSTART-\na\n\xff\n\xfe\n-DOCSTART-\nb", ["in:3: byte 0xff is not UTF-8"]),
        (read_jsonl, b'{"text": "a"}\n{', ["in:2: not valid JSON: Expecting property name"]),
        (read_jsonl, b"[" * 100_000, ["in:1: JSON that cannot be read"]),
        (read_jsonl, b'{"text": NaN}', ["in:1: JSON that cannot be read: NaN is not valid JSON"]),
        (read_jsonl, b"3", ["in:1: not a JSON object"]),
        (read_jsonl, b'{"txt": "a"}', ["in:1: the field 'text' is missing"]),
        (read_jsonl, b'{"text": null}', ["in:1: the field 'text' is not a string"]),
        (read_jsonl, b'{"text": "\xff"}', ["in:1: byte 0xff is not UTF-8"]),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(documents, content, expected):
    found = messages(documents, content)
    assert len(found) == len(expected)
    for message, start in zip(found, expected, strict=True):
        assert message.startswith(start)
    good = [d for d in read(documents, content) if not isinstance(d, BadDocument)]
    assert len(good) == {read_lines: 2, read_conll: 1}.get(
        documents, content.startswith(b'{"text": "a"}')
    )


@pytest.mark.parametrize("size", [100, 101, 150, 250, 1000])
@pytest.mark.parametrize("chunk", [1, 7, 64, 5000])
def test_what_is_too_large_is_passed_over(monkeypatch, size, chunk):
    monkeypatch.setattr(readers, "LARGEST", 100)
    monkeypatch.setattr(readers, "READ_AT_ONCE", chunk)
    found = read(read_lines, b"a\n" + b"b" * size + b"\nc\n" + b"d" * size)
    is_long = size > 100
    assert [isinstance(d, BadDocument) for d in found] == [False, is_long, False, is_long]
    assert sum(d.size for d in found) == 2 + size + 1 + 2 + size
    if is_long:
        assert [d.message for d in found[1::2]] == [
            f"in:{n}: longer than 100 bytes" for n in (2, 4)
        ]
    (whole,) = read(read_text, b"b" * size)
    assert isinstance(whole, BadDocument) == is_long
    if is_long:
        assert "--from lines" in whole.message
    columns = b"-DOCSTART-\n" + b"b\n" * (size // 2) + b"-DOCSTART-\nc\n"
    found = read(read_conll, columns)
    assert [isinstance(d, BadDocument) for d in found] == [size >= 100, False]


class Stream(io.RawIOBase):
    """Gives what comes, a piece at a time, and counts what was taken."""

    def __init__(self, pieces):
        self.pieces, self.taken = iter(pieces), 0

    def read1(self, _: int) -> bytes:
        self.taken += 1
        return next(self.pieces, b"")


@pytest.mark.parametrize(
    ("documents", "piece"),
    [(read_lines, b"a\nb\n"), (read_conll, b"a\n\n"), (read_jsonl, b'{"text":""}\n')],
)
def test_a_stream_is_not_waited_for(documents, piece):
    def endless():
        while True:
            yield piece

    stream = Stream(endless())
    for number, batch in enumerate(batches(documents(stream, "in")), start=1):
        assert stream.taken == number
        assert all(isinstance(d, TextDocument | TokenDocument) for d in batch)
        if number == 5:
            break
