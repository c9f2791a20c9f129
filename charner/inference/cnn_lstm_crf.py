"""`cnn_lstm_crf` in NumPy: the same scores as in Keras, but faster to start and to run.

What depends only on the token is computed once for each distinct token and cached: its input part
of the first LSTM layer's gates, and the part of the scores that comes from its own representation.
`charner.models.cnn_lstm_crf` explains the parts of the model.
"""

from itertools import pairwise

import numpy as np

from charner.encoding.characters import KINDS
from charner.encoding.token_rows import TokenRows, split_into_chunks
from charner.encoding.vocabulary import UNK, Vocabulary
from charner.encoding.word_vectors import WordVectors
from charner.inference.character_table import CharacterTable
from charner.inference.lstm import (
    Direction,
    Gates,
    Layer,
    blocks_of_rows,
    gates_of_table,
    stack,
    stack_shapes,
)
from charner.inference.segment_lstm import NumpySegmentLstm
from charner.inference.token_cache import TokenCache
from charner.params import CnnLstmCrfSettings
from charner.tags.decoding import SentenceScores, legal_transitions
from charner.tags.schemes import PAD, bioes_tags

TOKENS_CACHED = 32_768  # about 200 MB with 200 units
TOKENS_COMPUTED_AT_ONCE = 64
ROWS_OF_PRODUCTS = 8  # see `_product`


class NumpyCnnLstmCrf:
    """Computes the scores of tags for the tokens of documents; see `Network`."""

    def __init__(
        self,
        settings: CnnLstmCrfSettings,
        vocabulary: Vocabulary,
        vectors: WordVectors,
        weights: dict[str, np.ndarray],
    ):
        self._settings = settings
        self._vocabulary = vocabulary
        self._word_vectors = vectors
        self.tags = bioes_tags(vocabulary.entity_types)
        legal = legal_transitions(self.tags, "BIOES")
        self.transitions = np.where(legal, weights["crf.transitions"], -np.inf).astype(float)
        self._tokens = weights["tokens.embeddings"]
        self._topics = weights.get("topics.embeddings")
        self._lstms = stack(weights, settings.lstm_layers)
        self._character_lstm = (
            NumpySegmentLstm(settings.max_token_length, vocabulary, weights)
            if settings.character_lstm_units
            else None
        )
        self._vector_size = _vector_size(settings, vectors)
        kernel = weights["scores.kernel"]
        end = len(kernel) - 2 * settings.character_lstm_units
        states, own, self._character_state_kernel = np.split(kernel, [end - self._vector_size, end])
        if settings.document_states:
            # The mean is taken of the states' part of the scores: it is smaller than the states.
            states = np.concatenate(np.split(states, 2), axis=1)
        self._state_kernel = states
        # What depends only on the token: for each direction the gates, and then the scores.
        directions = self._lstms[0].directions
        kernels = [*(each.kernel[: self._vector_size] for each in directions), own]
        self._token_kernel = np.concatenate(kernels, axis=1)
        self._score_biases = weights["scores.bias"]
        # Before any product: where memory is short, OpenBLAS ends the process with its own message.
        self._cache = self._empty_cache(TOKENS_CACHED)
        self._characters = CharacterTable(vocabulary, weights)
        if settings.filter_widths:
            self._filter_tables, self._filter_biases = self._joined_filters(weights)

    @staticmethod
    def weight_shapes(
        settings: CnnLstmCrfSettings, vocabulary: Vocabulary, vectors: WordVectors
    ) -> dict[str, tuple[int, ...]]:
        tags = len(bioes_tags(vocabulary.entity_types))
        tokens = UNK + 1 + len(vocabulary.tokens)
        character_units = settings.character_lstm_units
        own = _vector_size(settings, vectors) + 2 * character_units
        states = 2 * settings.lstm_units * (1 + settings.document_states)
        shapes: dict[str, tuple[int, ...]] = {
            "characters.embeddings": (len(vocabulary.characters), settings.embedding_dim),
            "character_kinds.embeddings": (1 + len(KINDS), settings.embedding_dim),
            "tokens.embeddings": (tokens, settings.token_dim),
            "scores.kernel": (states + own, tags),
            "scores.bias": (tags,),
            "crf.transitions": (tags, tags),
        }
        if settings.topic_dim:
            shapes["topics.embeddings"] = (tokens, settings.topic_dim)
        for width in settings.filter_widths:
            kernel = (width, settings.embedding_dim, settings.filters)
            shapes[f"convolution_{width}.kernel"] = kernel
            shapes[f"convolution_{width}.bias"] = (settings.filters,)
        if character_units:
            shapes |= Layer.weight_shapes(
                "character_lstm", settings.embedding_dim, character_units, bidirectional=True
            )
        return shapes | stack_shapes(
            own + settings.topic_dim,
            settings.lstm_units,
            settings.lstm_layers,
            bidirectional=True,
        )

    def chunks(self, document: list[list[str]]) -> list[list[list[str]]]:
        return [*split_into_chunks(document, self._settings.document_tokens, len)]

    def __call__(self, chunks: list[list[list[str]]]) -> list[SentenceScores]:
        rows = TokenRows.of(chunks, self._settings.window)
        shape = rows.token_numbers.shape
        cache = self._cache_with(rows.tokens)
        units = self._settings.lstm_units
        *gate_tables, token_scores = np.split(cache.table, [4 * units, 8 * units], axis=1)
        cached = np.array([cache.rows[token] for token in rows.tokens])[rows.token_numbers]
        topics = self._topic_vectors(rows)
        if self._character_lstm:
            character_states = self._character_lstm(chunks)
        else:
            character_states = np.empty((len(rows.locations[0]), 0), np.float32)
        padded_states = np.zeros((*shape, character_states.shape[1]), np.float32)
        padded_states[rows.locations] = character_states
        padded_scores = np.empty((*shape, self._state_kernel.shape[1]), np.float32)
        for block in blocks_of_rows(rows.row_lengths, units):
            lengths = rows.row_lengths[block] - 1  # the boundary at the end is not read
            read = (block, slice(lengths[-1]))
            gates = [
                self._gates(
                    direction,
                    gates_of_table(table, np.ascontiguousarray(cached[read].T)),
                    padded_states[read].swapaxes(0, 1),
                    topics[rows.row_chunks[block]],
                )
                for direction, table in zip(self._lstms[0].directions, gate_tables, strict=True)
            ]
            for below, above in pairwise(self._lstms):
                gates = above.gates(below.states(gates, lengths))
            block_scores = self._lstms[-1].times(gates, lengths, self._state_kernel)
            padded_scores[read] = block_scores.transpose(1, 0, 2)
        scores = self._with_document(
            padded_scores[rows.locations], rows.term_numbers[rows.locations]
        )
        scores = scores + token_scores[cached[rows.locations]]
        scores += character_states @ self._character_state_kernel + self._score_biases
        sizes = [len(sentence) for chunk in chunks for sentence in chunk]
        return [*map(SentenceScores, np.split(scores, np.cumsum(sizes)[:-1]))]

    def _gates(
        self,
        direction: Direction,
        token_gates: Gates,
        character_states: np.ndarray,
        topics: np.ndarray,
    ) -> Gates:
        """The gates of tokens plus what comes from character states and topics, and the bias.

        Args:
            direction: a direction of the first layer.
            token_gates: the part of the tokens.
            character_states: (positions, rows, 2 * units); without character LSTM, no units.
            topics: (rows, topic_dim).
        """
        size = character_states.shape[2]
        state_kernel, topic_kernel = np.split(direction.kernel[self._vector_size :], [size])
        row_gates = topics @ topic_kernel + direction.bias

        def gates(position: int, rows: slice) -> np.ndarray:
            active = token_gates(position, rows)
            if size:
                active += character_states[position, rows] @ state_kernel
            active += row_gates[rows]
            return active

        return gates

    def _with_document(self, scores: np.ndarray, terms: np.ndarray) -> np.ndarray:
        """Adds the part of the scores that comes from the mean states of equal tokens."""
        if not self._settings.document_states:
            return scores
        own, document = np.split(scores, 2, axis=1)
        order = np.argsort(terms, kind="stable")
        _, starts, counts = np.unique(terms[order], return_index=True, return_counts=True)
        means = np.add.reduceat(document[order], starts, axis=0) / counts[:, None]
        # Terms are numbered from 1 without gaps.
        return own + means.astype(np.float32)[terms - 1]

    def _topic_vectors(self, rows: TokenRows) -> np.ndarray:
        """The topic vector of each chunk, (chunks, topic_dim)."""
        if self._topics is None:
            return np.empty((rows.row_chunks[-1] + 1, 0), np.float32)
        ids = np.array([*map(self._vocabulary.encode_token, rows.tokens)])
        term_topics = self._topics[ids[rows.term_tokens[1:]]]
        starts = np.unique(rows.term_chunks[1:], return_index=True)[1]
        sums = np.add.reduceat(term_topics, starts, axis=0)
        sizes = np.sqrt((sums**2).mean(axis=1, keepdims=True))
        return 0.5 * sums / np.maximum(sizes, 1e-6)

    def _cache_with(self, tokens: list[str]) -> TokenCache:
        """A cache with these tokens; computes what is missing."""
        cache = self._cache
        new = [token for token in tokens if token not in cache.rows]
        numbers = cache.take(len(new))
        if len(numbers) < len(new):
            cache = self._cache = self._empty_cache(max(TOKENS_CACHED, len(tokens)))
            new, numbers = tokens, cache.take(len(tokens))
        new = sorted(new, key=len)  # those computed at once are padded to the longest
        for start in range(0, len(new), TOKENS_COMPUTED_AT_ONCE):
            some = new[start : start + TOKENS_COMPUTED_AT_ONCE]
            free_rows = numbers[start : start + len(some)]
            padding = [""] * (-len(some) % ROWS_OF_PRODUCTS)
            vectors = self._vectors([*some, *padding])
            cache.table[free_rows] = _product(vectors, self._token_kernel)[: len(some)]
            cache.rows.update(zip(some, free_rows, strict=True))
        return cache

    def _empty_cache(self, room: int) -> TokenCache:
        return TokenCache(room, self._token_kernel.shape[1])

    def _vectors(self, tokens: list[str]) -> np.ndarray:
        """The token representations before the first LSTM layer, (tokens, values).

        The values are those of all filters, of the token embedding, and of the word vector.
        """
        encode = self._vocabulary.encode_token
        ids = np.array([encode(token) if token else PAD for token in tokens])
        known = [self._tokens[ids], self._word_vectors(tokens)]
        if not self._settings.filter_widths:
            return np.concatenate(known, axis=1)
        longest = min(self._settings.max_token_length, max(1, *map(len, tokens)))
        widest = max(self._settings.filter_widths)
        before = (widest - 1) // 2
        read = [token[:longest] for token in tokens]
        is_character = np.arange(longest) < np.array([*map(len, read)])[:, None]
        padded = np.pad(is_character, ((0, 0), (before, widest - 1 - before)))
        rows = np.full(padded.shape, PAD)
        rows[padded] = self._characters.rows(["".join(read)])
        features = sum(
            table[rows[:, offset : offset + longest]]
            for offset, table in enumerate(self._filter_tables)
        )
        features += self._filter_biases
        features *= is_character[..., None]
        return np.concatenate([np.maximum(features.max(axis=1), 0), *known], axis=1)

    def _joined_filters(self, weights: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """What each character adds to all filters, at each position of the widest.

        Returns:
            (positions, characters, filters) and the filters' biases.
        """
        widest = max(self._settings.filter_widths)
        kernels, biases = [], []
        for width in self._settings.filter_widths:
            kernel = weights[f"convolution_{width}.kernel"]
            before = (widest - 1) // 2 - (width - 1) // 2
            kernels.append(np.pad(kernel, [(before, widest - width - before), (0, 0), (0, 0)]))
            biases.append(weights[f"convolution_{width}.bias"])
        tables = self._characters.embeddings @ np.concatenate(kernels, axis=2)
        return tables, np.concatenate(biases)


def _vector_size(settings: CnnLstmCrfSettings, vectors: WordVectors) -> int:
    """The values of a token's own representation."""
    filters = settings.filters * len(settings.filter_widths)
    return filters + settings.token_dim + vectors.dimensions


def _product(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Computes `rows @ weights`, so that a row gets the same digits among any other rows.

    BLAS may sum in another order in matrices of another size, and in some of their rows. So all
    have ROWS_OF_PRODUCTS rows, of which `rows` has a multiple: on Haswell and Zen, OpenBLAS treats
    8 rows alike, but not 12 or 16.
    """
    return (rows.reshape(-1, ROWS_OF_PRODUCTS, rows.shape[1]) @ weights).reshape(len(rows), -1)
