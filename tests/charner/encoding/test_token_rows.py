import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charner.encoding.token_rows import TokenRows, row_length, split_into_chunks

DOCUMENTS = st.lists(
    st.lists(st.lists(st.sampled_from(["a", "A", "b", "c"]), min_size=1), min_size=1), max_size=4
)


def test_chunks_hold_whole_sentences_and_few_enough_tokens():
    document = [["a"] * size for size in (3, 2, 1, 9, 1, 1)]
    assert [[*map(len, chunk)] for chunk in split_into_chunks(document, 5, len)] == [
        [3, 2],
        [1],
        [9],
        [1, 1],
    ]
    assert [*split_into_chunks([], 5, len)] == []


@given(DOCUMENTS, st.integers(3, 20))
def test_every_token_stands_in_its_place(documents, window):
    rows = TokenRows.of(documents, window)
    flat = [(number, token) for number, d in enumerate(documents) for s in d for token in s]
    numbers = rows.token_numbers[rows.locations]
    assert [rows.tokens[number] for number in numbers] == [token for _, token in flat]
    assert rows.tokens[0] == "" not in rows.tokens[1:]
    assert len(set(rows.tokens)) == len(rows.tokens)
    assert np.count_nonzero(rows.token_numbers) == len(flat)
    assert [rows.row_chunks[row] for row in rows.locations[0]] == [number for number, _ in flat]

    terms = rows.term_numbers[rows.locations]
    assert [rows.term_chunks[term] for term in terms] == [number for number, _ in flat]
    same = {(number, token.lower()): term for (number, token), term in zip(flat, terms)}  # noqa: B905
    assert sorted(same.values()) == list(range(1, len(rows.term_tokens)))
    for (_, token), term in same.items():
        assert rows.tokens[rows.term_tokens[term]].lower() == token


@given(DOCUMENTS, st.integers(3, 20))
def test_boundaries_stand_between_sentences_and_rows_are_full(documents, window):
    rows = TokenRows.of(documents, window)
    sentences = [sentence for document in documents for sentence in document]
    ends = np.cumsum([*map(len, sentences)])
    starts = rows.locations[1][ends - [*map(len, sentences)]] if sentences else []
    for sentence, row, start in zip(
        sentences, rows.locations[0][ends - 1] if sentences else [], starts, strict=True
    ):
        stands = rows.token_numbers[row, start - 1 : start + len(sentence) + 1]
        assert stands[0] == stands[-1] == 0
        assert (stands[1:-1] > 0).all()
    for document in documents:
        longest = row_length([*map(len, document)], window)
        alone = TokenRows.of([document], window)
        assert alone.row_lengths.max() <= longest
        if len(alone.row_lengths) == 1:
            assert alone.row_lengths[0] == longest


def test_values_are_placed_as_the_tokens_are():
    rows = TokenRows.of([[["a", "b"], ["a"]], [["c"]]], 8)
    assert rows.placed(np.array([5, 6, 7, 8])).tolist() == [[0, 5, 6, 0, 7, 0], [0, 8, 0, 0, 0, 0]]


@pytest.mark.parametrize("documents", [[], [[]]])
def test_no_token_gives_a_row_of_nothing(documents):
    rows = TokenRows.of(documents, 8)
    assert rows.token_numbers.tolist() == [[0]]
    assert (rows.tokens, len(rows.locations[0])) == ([""], 0)
