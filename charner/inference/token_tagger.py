"""Tags tokenised sentences with a trained model: entities and their probabilities."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

from charner.encoding import model_files
from charner.encoding.examples import Example, by_document
from charner.encoding.model_files import TrainedModel
from charner.inference.blas import one_blas_thread
from charner.inference.confidence import entity_probabilities
from charner.inference.network import network_of
from charner.inference.windows import Window, windows
from charner.support.errors import InputError
from charner.tags.decoding import Decoded, decode
from charner.tags.schemes import PAD
from charner.tags.spans import Span, iob2_tags

BATCH_TOKENS = 12_000
LONGEST_TOKEN = 256  # characters; the rest of a longer token is ignored
LONGEST_SENTENCE = 2_500  # characters; a longer one is tagged in windows of that length
OVERLAP = 500  # characters that two windows share


@dataclass(frozen=True, slots=True)
class Entity:
    """A named entity.

    `start` and `end` (excluded) count code points of the text, or tokens of the sentence if it was
    given as tokens; `text` is the text of the entity, or its tokens joined by a space. `score` is
    the probability of the entity as a whole, from 0 to 1.
    """

    type: str
    start: int
    end: int
    text: str
    score: float

    @property
    def span(self) -> Span:
        """The entity without its text and score."""
        return Span(self.type, self.start, self.end)


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """The tokens of a sentence, their tags in IOB2, and the entities, with offsets in tokens.

    `character_labels` (see `SentenceScores`) is None for a sentence of more than one window.
    """

    tokens: list[str]
    tags: list[str]
    entities: list[Entity]
    character_labels: np.ndarray | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence, or a window of a long one.

    `sentence` is its number among the sentences of all documents, from 0.
    """

    sentence: int
    window: Window
    tokens: list[str]


@dataclass(frozen=True, slots=True)
class DecodedPieces:
    """Pieces of similar length, their decoded entities, and labels (see `SentenceScores`)."""

    pieces: list[Piece]
    decoded: Decoded
    character_labels: list[np.ndarray | None]


class _Found(NamedTuple):
    """The entities of a piece: (type, start, end, score), in its tokens, `end` excluded."""

    window: Window
    entities: list[tuple[str, int, int, float]]
    character_labels: np.ndarray | None


class TokenTagger:
    """Tags sentences with a trained model; threads and processes may share one."""

    def __init__(self, trained: TrainedModel, temperature: float = 1.0):
        """Builds a tagger.

        Args:
            trained: the model.
            temperature: the model's scores are divided by it, see `inference.calibration`; it
                changes the probabilities of entities, never the entities.
        """
        self.trained = trained
        self.vocabulary = trained.vocabulary
        self._network = network_of(trained)
        # Made now: a process that is forked while a thread makes these would wait for ever.
        self.vocabulary.encode_characters(["a"])
        self.vocabulary.encode_token("a")
        self.temperature = temperature

    @classmethod
    def load(cls, path: str | Path = "models", temperature: float | None = None) -> Self:
        """Loads the model that the train and calibrate stages wrote.

        Args:
            path: the folder of the model.
            temperature: None: the fitted temperature in the folder.

        Raises:
            InputError: a file is missing, or the files do not belong together.
        """
        trained = model_files.load(Path(path))
        if temperature is None:
            temperature = model_files.load_temperature(Path(path))
        try:
            return cls(trained, temperature)
        except ValueError as error:
            raise InputError(
                f"{path}: the files are not of one model ({error}); `dvc repro` makes one"
            ) from None

    def __reduce__(self) -> tuple[type[Self], tuple[TrainedModel, float]]:
        """What is pickled: the model, without what was computed of tokens."""
        return type(self), (self.trained, self.temperature)

    def tag_tokens(
        self, documents: Iterable[list[list[str]]], min_score: float = 0.0
    ) -> list[list[TaggedSentence]]:
        """Tags documents that are already split into sentences and tokens.

        Args:
            documents: the tokens of each sentence of each document.
            min_score: entities with a lower score are left out.

        Raises:
            ValueError: a token is empty.
            TypeError: a document or a sentence is a string.
        """
        refuse_string(documents)
        documents = list(documents)
        for given in chain(documents, *documents):
            refuse_string(given)
        found: list[list[_Found]] = [[] for document in documents for _ in document]
        for group in self.decode(documents):
            scores = iter(self.probabilities(group.decoded).tolist())
            for piece, entities, labels in zip(
                group.pieces, group.decoded.of_sentences(), group.character_labels, strict=True
            ):
                scored = [(*entity, next(scores)) for entity in entities]
                found[piece.sentence].append(_Found(piece.window, scored, labels))
        of_sentences = iter(found)
        return [
            [_tagged_sentence(tokens, next(of_sentences), min_score) for tokens in document]
            for document in documents
        ]

    def tag_examples(self, examples: Iterable[Example]) -> list[TaggedSentence]:
        """Tags the sentences of a corpus, each in its document; their own tags are ignored."""
        tagged = self.tag_tokens(tokens_by_document(examples))
        return [sentence for document in tagged for sentence in document]

    def decode(self, documents: Iterable[list[list[str]]]) -> Iterator[DecodedPieces]:
        """Runs the network once over documents and yields the decoded pieces, in any order.

        Args:
            documents: the tokens of each sentence of each document.

        Raises:
            ValueError: a token is empty.
            InputError: the model's scores are not finite.
        """
        pieces: list[Piece] = []
        chunks: list[list[list[str]]] = []
        sentences = 0
        for document in documents:
            of_document: list[Piece] = []
            for tokens in document:
                of_document += _pieces(sentences, self.vocabulary.normalised(tokens))
                sentences += 1
            pieces += of_document
            chunks += self._network.chunks([piece.tokens for piece in of_document])
        rest = iter(pieces)
        for batch in _batches(chunks):
            with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
                scores = self._network(batch)
            if not all(np.isfinite(one.tokens[:, PAD + 1 :]).all() for one in scores):
                raise InputError("the weights of the model are too large: a score is not finite")
            of_batch = list(islice(rest, len(scores)))
            for group in _groups([len(piece.tokens) for piece in of_batch]):
                of_group = [of_batch[number] for number in group]
                decoded = decode(
                    [scores[number].tokens for number in group],
                    self._network.transitions,
                    self._network.tags,
                )
                yield DecodedPieces(
                    of_group,
                    decoded.only(_begins_in_own_tokens(of_group, decoded)),
                    [scores[number].character_labels for number in group],
                )

    def probabilities(self, decoded: Decoded, temperature: float | None = None) -> np.ndarray:
        """The probability of each entity, (entities,).

        Args:
            decoded: a result of `decode`.
            temperature: None: the tagger's own.

        Raises:
            InputError: a probability is not a number.
        """
        with np.errstate(all="ignore"):
            found = entity_probabilities(
                decoded,
                self._network.transitions,
                self._network.tags,
                self.temperature if temperature is None else temperature,
            )
        if np.isnan(found).any():
            raise InputError("the weights of the model are too large: a probability is no number")
        return found


def tokens_by_document(examples: Iterable[Example]) -> list[list[list[str]]]:
    """The tokens of each sentence of each document of a corpus, in the order of the corpus."""
    return [[example.tokens for example in document] for document in by_document(examples)]


def refuse_string(given: object) -> None:
    """Raises TypeError for a string where a list is meant: its letters would be read one by one."""
    if isinstance(given, str):
        raise TypeError(f"found the string {given!r}; should be a list")


def _pieces(number: int, tokens: list[str]) -> Iterator[Piece]:
    """A whole sentence, or the windows of a long one."""
    if "" in tokens:
        raise ValueError("a token is empty")
    if not tokens:
        return
    read = [token[:LONGEST_TOKEN] for token in tokens]
    for window in windows([len(token) + 1 for token in read], LONGEST_SENTENCE, OVERLAP):
        yield Piece(number, window, read[window.start : window.stop])


def _begins_in_own_tokens(pieces: list[Piece], decoded: Decoded) -> np.ndarray:
    """Whether the window owns the first token of each entity; if not, another window does."""
    own = np.array([[p.window.first, p.window.last] for p in pieces]) - [
        [p.window.start] for p in pieces
    ]
    sentences, starts, _ = decoded.places.T
    return (own[sentences, 0] <= starts) & (starts < own[sentences, 1])


def _batches(chunks: list[list[list[str]]]) -> Iterator[list[list[list[str]]]]:
    """Groups chunks in batches of BATCH_TOKENS tokens or a little more."""
    batch: list[list[list[str]]] = []
    tokens = 0
    for chunk in chunks:
        batch.append(chunk)
        tokens += sum(map(len, chunk))
        if tokens >= BATCH_TOKENS:
            yield batch
            batch, tokens = [], 0
    if batch:
        yield batch


def _groups(lengths: list[int]) -> Iterator[list[int]]:
    """Groups the numbers of sentences of similar length: at most BATCH_TOKENS, or one sentence."""
    group: list[int] = []
    for number in sorted(range(len(lengths)), key=lengths.__getitem__):
        if group and (len(group) + 1) * lengths[number] > BATCH_TOKENS:
            yield group
            group = []
        group.append(number)
    if group:
        yield group


def _tagged_sentence(tokens: list[str], found: list[_Found], min_score: float) -> TaggedSentence:
    """Joins the entities found in the windows of a sentence."""
    entities: list[Entity] = []
    labels: np.ndarray | None = None
    taken = 0
    for window, of_window, labels_of_window in sorted(found, key=lambda one: one.window.start):
        labels = labels_of_window
        for name, start, end, score in of_window:
            start, end = window.start + start, window.start + end
            if start >= taken:  # the entity before may reach into the next window's own tokens
                taken = end
                if score >= min_score:
                    entities.append(Entity(name, start, end, " ".join(tokens[start:end]), score))
    tags = iob2_tags(len(tokens), [entity.span for entity in entities])
    if labels is not None and len(labels) != len(" ".join(tokens)):
        labels = None  # they are those of one window only
    return TaggedSentence(tokens, tags, entities, labels)
