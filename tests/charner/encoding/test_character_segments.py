import numpy as np
import pytest

from charner.encoding.character_segments import CONTEXT, SEGMENT, CharacterSegments
from charner.tags.schemes import PAD

CHUNKS = [
    [["Anna", "met", "Tom"], ["."]],
    [["a" * (SEGMENT - 1)]],
    [],
    [["In", "Oslo"], ["b"] * 40, [], ["c", "dd"]],
]


def codes(text: list[str]) -> list[int]:
    return [*map(ord, text[0])]


def test_each_token_is_where_it_is_told():
    segments = CharacterSegments.of(CHUNKS, max_token_length=100)
    own = segments.windows(codes)[:, CONTEXT : CONTEXT + SEGMENT].ravel()
    tokens = [token for chunk in CHUNKS for sentence in chunk for token in sentence]
    for token, start, end in zip(
        tokens, segments.first_characters, segments.last_characters, strict=True
    ):
        assert "".join(map(chr, own[start : end + 1])) == token
    assert own[0] == PAD
    assert segments.texts[0] == "Anna met Tom  ."


@pytest.mark.parametrize("length", [1, 2])
def test_the_rest_of_a_long_token_is_left_out(length):
    segments = CharacterSegments.of([[["abc", "d"]]], max_token_length=length)
    assert segments.texts == ["abc"[:length] + " d"]
    assert [*segments.last_characters - segments.first_characters] == [length - 1, 0]


def test_chunks_are_apart_and_lie_alike_in_any_company():
    """So that no other document of a batch changes what is read."""
    together = CharacterSegments.of(CHUNKS, max_token_length=100).windows(codes)
    first = 0
    for chunk in CHUNKS:
        alone = CharacterSegments.of([chunk], max_token_length=100).windows(codes)
        of_chunk = together[first : first + len(alone)]
        first += len(alone)
        own = slice(CONTEXT, CONTEXT + SEGMENT)
        np.testing.assert_array_equal(of_chunk[:, own], alone[:, own])
        assert alone[0, CONTEXT] == PAD
    assert first == len(together)


def test_a_window_is_a_segment_with_its_context():
    text = "".join(chr(ord("a") + number % 26) for number in range(5 * SEGMENT))
    windows = CharacterSegments.of([[[text]]], max_token_length=1000).windows(codes)
    read = "".join(map(chr, windows[2]))
    assert read == text[2 * SEGMENT - CONTEXT - 1 : 3 * SEGMENT + CONTEXT - 1]


def test_nothing_is_one_segment_of_padding():
    windows = CharacterSegments.of([], max_token_length=1).windows(codes)
    assert windows.shape == (1, CONTEXT + SEGMENT + CONTEXT)
    assert (windows == PAD).all()
