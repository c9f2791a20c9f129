"""The architecture `cnn_lstm_crf`, which tags tokens."""

from typing import Any

import numpy as np

from charner.encoding.character_segments import CharacterSegments
from charner.encoding.characters import KINDS
from charner.encoding.examples import Chunk, Example, by_document
from charner.encoding.padding import pad
from charner.encoding.token_rows import TokenRows, row_length, split_into_chunks
from charner.encoding.vocabulary import UNK, Vocabulary
from charner.encoding.word_vectors import WordVectors
from charner.models.architecture import IMPOSSIBLE, Architecture
from charner.models.backend import keras
from charner.models.crf import Crf
from charner.models.lstm import Lstm
from charner.models.segment_lstm import SegmentLstm
from charner.models.symbol_dropout import SymbolDropout, rates_by_count
from charner.models.topics import topic_vectors
from charner.params import CnnLstmCrfSettings
from charner.tags.decoding import SentenceScores, legal_transitions
from charner.tags.schemes import PAD, bioes_tags, to_bioes

layers, ops = keras.layers, keras.ops


class CnnLstmCrf(Architecture):
    """A character CNN and token embeddings, an LSTM over tokens, and a CRF over their tags.

    A token is represented by a CNN over its characters, a token embedding with strong dropout, and
    its word vector, which is not learned; a bidirectional LSTM reads the tokens; a conditional
    random field (CRF) scores sequences of tags in BIOES (Ma and Hovy 2016, "End-to-end Sequence
    Labeling via Bi-directional LSTM-CNNs-CRF").

    In place of the CNN, or beside it, an LSTM may read the characters of the whole document: a
    token is then represented by the states at its last character, read from the left, and at its
    first, read from the right (Lample et al. 2016, "Neural Architectures for Named Entity
    Recognition", where the LSTM reads each token alone).

    A row holds consecutive sentences of a document with a boundary (PAD) before and after each, so
    the LSTM also sees the neighbouring sentences. Two more inputs represent the document: its topic
    vector, and the mean of the LSTM's states over all tokens of the document that are the same.

    Tags are scored by the LSTM's states and by the token's own representation. The latter is the
    shorter way, from which more is learned of a small corpus.
    """

    def __init__(self, settings: CnnLstmCrfSettings, vocabulary: Vocabulary, vectors: WordVectors):
        super().__init__(name="cnn_lstm_crf")
        self.settings = settings
        self.vocabulary = vocabulary
        self.vectors = vectors
        self.tags = bioes_tags(vocabulary.entity_types)
        self._tag_ids = {tag: i for i, tag in enumerate(self.tags)}
        self.character_dropout = SymbolDropout(settings.character_dropout)
        self.characters = layers.Embedding(
            len(vocabulary.characters), settings.embedding_dim, name="characters"
        )
        self.character_kinds = layers.Embedding(
            1 + len(KINDS), settings.embedding_dim, name="character_kinds"
        )
        self.convolutions = [
            layers.Conv1D(settings.filters, width, padding="same", name=f"convolution_{width}")
            for width in settings.filter_widths
        ]
        if settings.character_lstm_units:
            self.character_lstm = SegmentLstm(settings.character_lstm_units, "character_lstm")
        counts = np.array([np.inf, np.inf, *vocabulary.tokens.values()], np.float32)
        self.token_dropout = SymbolDropout(rates_by_count(settings.token_dropout_alpha, counts))
        uniform = keras.initializers.RandomUniform(-0.1, 0.1)
        self.tokens = layers.Embedding(len(counts), settings.token_dim, uniform, name="tokens")
        if settings.topic_dim:
            self.topics = layers.Embedding(
                len(counts), settings.topic_dim, "zeros", trainable=False, name="topics"
            )
        self.dropout = layers.Dropout(settings.dropout)
        self.lstms = [
            Lstm(settings.lstm_units, True, f"lstm_{number}")
            for number in range(1, settings.lstm_layers + 1)
        ]
        self.scores = layers.Dense(len(self.tags), name="scores")
        self._legal = legal_transitions(self.tags, "BIOES")
        self.crf = Crf(self._legal, name="crf")

    @property
    def transitions(self) -> np.ndarray:
        return np.where(self._legal, ops.convert_to_numpy(self.crf.transitions), -np.inf)

    def adapt(self, chunks: list[Chunk]) -> None:
        """Sets the topic vectors, which are not learned, from the chunks of train.

        They stay 0 with fewer documents of several sentences than dimensions: the vectors would not
        tell the topic of a document, but which document or which sentence of train it is.
        """
        documents = sum(len(chunk) > 1 for chunk in chunks)
        if documents < self.settings.topic_dim or not self.settings.topic_dim:
            return
        encode = self.vocabulary.encode_token
        token_ids_of_chunks = [
            sorted({encode(token) for example in chunk for token in example.tokens} - {UNK})
            for chunk in chunks
        ]
        self.topics.set_weights([topic_vectors(token_ids_of_chunks, *self.topics.embeddings.shape)])

    def chunks(self, examples: list[Example]) -> list[Chunk]:
        """The sentences of each document; a long document is split into several chunks."""
        return [
            chunk
            for document in by_document(examples)
            for chunk in split_into_chunks(
                document, self.settings.document_tokens, lambda example: len(example.tokens)
            )
        ]

    def row_length(self, chunk: Chunk) -> int:
        return row_length([len(example.tokens) for example in chunk], self.settings.window)

    def target_ids(self, chunk: Chunk) -> np.ndarray:
        return np.array([self._tag_ids[tag] for example in chunk for tag in to_bioes(example.tags)])

    def encode(self, chunks: list[Chunk]) -> dict[str, np.ndarray]:
        """Encodes a batch; it contains each distinct token once, and PAD as the first.

        Returns:
            `characters` and `character_kinds` (distinct tokens, characters), `token_ids` (distinct
            tokens,), and with word vectors `word_vectors` (distinct tokens, dimensions); `tokens`,
            `terms` and `tag_ids` (rows, positions); `term_tokens` (token ids) and `term_chunks`
            (terms,); `row_chunks` (rows,); `token_rows` and `token_positions` (all tokens,): where
            each token is. See `TokenRows`. For a character LSTM `segments` and `segment_kinds`
            (segments, characters), `first_characters` and `last_characters` (rows, positions). See
            `CharacterSegments`.
        """
        tokens = [[example.tokens for example in chunk] for chunk in chunks]
        rows = TokenRows.of(tokens, self.settings.window)
        vocabulary = self.vocabulary
        token_ids = np.array([PAD, *map(vocabulary.encode_token, rows.tokens[1:])])
        read = [[token[: self.settings.max_token_length]] for token in rows.tokens]
        tag_ids = [self.target_ids(chunk) for chunk in chunks]
        arrays = {
            "characters": pad([*map(vocabulary.encode_characters, read)]),
            "character_kinds": pad([*map(vocabulary.encode_kinds, read)]),
            "token_ids": token_ids,
            "tokens": rows.token_numbers,
            "terms": rows.term_numbers,
            "tag_ids": rows.placed(np.concatenate([[], *tag_ids])),
            "term_tokens": token_ids[rows.term_tokens],
            "term_chunks": rows.term_chunks,
            "row_chunks": rows.row_chunks,
            "token_rows": rows.locations[0],
            "token_positions": rows.locations[1],
        }
        if self.settings.character_lstm_units:
            segments = CharacterSegments.of(tokens, self.settings.max_token_length)
            arrays |= {
                "segments": segments.windows(vocabulary.encode_characters),
                "segment_kinds": segments.windows(vocabulary.encode_kinds),
                "first_characters": rows.placed(segments.first_characters),
                "last_characters": rows.placed(segments.last_characters),
            }
        encoded = {name: array.astype(np.int32) for name, array in arrays.items()}
        if self.vectors.dimensions:
            encoded["word_vectors"] = self.vectors(rows.tokens)
        return encoded

    def call(self, inputs, training=False):
        """Computes the scores of tags (rows, positions, tags); PAD only where there is no token."""
        tokens = inputs["tokens"]
        token_vectors = self.dropout(self._token_vectors(inputs, training), training=training)
        vectors = ops.take(token_vectors, tokens, axis=0)
        parts = [(token_vectors, tokens)]
        if self.settings.character_lstm_units:
            read = self.dropout(self._read_characters(inputs, training), training=training)
            vectors = ops.concatenate([vectors, read], axis=-1)
            parts.append(read)
        if self.settings.topic_dim:
            topics = self.dropout(self._topics(inputs), training=training)
            parts.append((topics, inputs["row_chunks"][:, None]))
        # Only padding after the last token is masked: boundaries are read like tokens.
        mask = ops.flip(ops.cumsum(ops.flip(tokens, axis=1), axis=1), axis=1) > 0
        x = self.dropout(self.lstms[0](parts, mask), training=training)
        for lstm in self.lstms[1:]:
            x = self.dropout(lstm([x], mask), training=training)
        if self.settings.document_states:
            x = ops.concatenate([x, _means(x, inputs["terms"])], axis=-1)
        x = ops.concatenate([x, vectors], axis=-1)
        is_pad = ops.cast(tokens == PAD, x.dtype)[..., None]
        only_pad = IMPOSSIBLE * (1 - ops.one_hot(PAD, len(self.tags)))
        never_pad = IMPOSSIBLE * ops.one_hot(PAD, len(self.tags))
        return self.scores(x) * (1 - is_pad) + only_pad * is_pad + never_pad * (1 - is_pad)

    def _token_vectors(self, inputs, training):
        """The representation of each distinct token, (distinct tokens, values).

        The values are those of all filters, of the token embedding, and of the word vector.
        """
        vectors = self.tokens(self.token_dropout(inputs["token_ids"], training=training))
        if self.vectors.dimensions:
            word_vectors = ops.reshape(inputs["word_vectors"], (-1, self.vectors.dimensions))
            vectors = ops.concatenate([vectors, word_vectors], axis=-1)
        if not self.convolutions:
            return vectors
        x = self._embed(inputs["characters"], inputs["character_kinds"], training)
        is_character = ops.cast(inputs["characters"] != PAD, "float32")[..., None]
        # The maximum over a token's characters; PAD has none, and relu turns its values into 0.
        nowhere = IMPOSSIBLE * (1 - is_character)
        maxima = [ops.max(convolve(x) + nowhere, axis=1) for convolve in self.convolutions]
        return ops.concatenate([ops.relu(ops.concatenate(maxima, axis=-1)), vectors], axis=-1)

    def _embed(self, characters, kinds, training):
        """The embeddings of characters, 0 for PAD."""
        x = self.characters(self.character_dropout(characters, training=training))
        return (x + self.character_kinds(kinds)) * ops.cast(characters != PAD, x.dtype)[..., None]

    def _read_characters(self, inputs, training):
        """The states of the character LSTM at each token, (rows, positions, 2 * units)."""
        x = self._embed(inputs["segments"], inputs["segment_kinds"], training)
        states = self.character_lstm([x], inputs["segments"] != PAD)
        forward, backward = ops.split(ops.reshape(states, (-1, states.shape[-1])), 2, axis=-1)
        at_tokens = [
            ops.take(forward, inputs["last_characters"], axis=0),
            ops.take(backward, inputs["first_characters"], axis=0),
        ]
        return ops.concatenate(at_tokens, axis=-1)

    def _topics(self, inputs):
        """The topic vector of each document, (rows, topic_dim); root mean square 0.5, or 0."""
        sums = ops.segment_sum(
            self.topics(inputs["term_tokens"]),
            inputs["term_chunks"],
            num_segments=ops.shape(inputs["tokens"])[0],
        )
        # Not sqrt(mean + tiny): TensorFlow makes an approximate 1 / sqrt of it, whose last digits
        # depend on the make of the processor.
        sizes = ops.sqrt(ops.mean(sums**2, axis=1, keepdims=True))
        return 0.5 * sums / ops.maximum(sizes, 1e-6)

    def loss_and_weight(self, inputs, outputs, tag_weights):
        """The negative log-likelihoods of rows, weighted by the mean weight of their tags."""
        tag_ids = inputs["tag_ids"]
        weights = ops.sum(ops.take(tag_weights, tag_ids), axis=1)
        counts = ops.sum(ops.cast(tag_ids != PAD, weights.dtype), axis=1)
        losses = self.crf(outputs, tag_ids) * weights / ops.maximum(counts, 1)
        return ops.sum(losses), ops.sum(weights)

    def sentence_scores(
        self, chunks: list[Chunk], inputs: dict, outputs: Any
    ) -> list[SentenceScores]:
        scores = ops.convert_to_numpy(outputs)[inputs["token_rows"], inputs["token_positions"]]
        sizes = [len(example.tokens) for chunk in chunks for example in chunk]
        return [*map(SentenceScores, np.split(scores, np.cumsum(sizes)[:-1]))]


def _means(states, groups):
    """The mean of all states with the same group id, at each position; same shape as `states`."""
    count = ops.shape(groups)[0] * ops.shape(groups)[1]
    flat_groups = ops.reshape(groups, (-1,))
    flat_states = ops.reshape(states, (-1, states.shape[-1]))
    sums = ops.segment_sum(flat_states, flat_groups, num_segments=count)
    sizes = ops.segment_sum(ops.ones_like(flat_states[:, :1]), flat_groups, num_segments=count)
    return ops.take(sums / ops.maximum(sizes, 1), groups, axis=0)
