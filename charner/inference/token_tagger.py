"""Tags tokenised sentences with a trained model: entities and their probabilities."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, count, islice
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

from charner.encoding import model_files
from charner.encoding.examples import Example, by_document
from charner.encoding.model_files import TrainedModel
from charner.encoding.token_rows import split_into_chunks
from charner.inference.blas import one_blas_thread
from charner.inference.confidence import entity_probabilities, path_log_probabilities
from charner.inference.network import network_of
from charner.support.errors import InputError
from charner.tags.decoding import Decoded, SentenceScores, decode
from charner.tags.schemes import PAD
from charner.tags.spans import Span, iob2_tags

BATCH_TOKENS = 12_000
LONGEST_TOKEN = 256  # characters; the rest of a longer token is ignored
LONGEST_SENTENCE = 2_500  # characters, a space after each token included


@dataclass(frozen=True, slots=True)
class Entity:
    """A named entity.

        for entity in tagger.tag("Ada Lovelace lived in London.").entities:
            print(entity.type, entity.text, entity.start, entity.end)  # LOC London 22 28
            print(f"{entity.score:.0%}")

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

    `character_labels` (see `SentenceScores`) is None if they do not cover the whole sentence.
    """

    tokens: list[str]
    tags: list[str]
    entities: list[Entity]
    character_labels: np.ndarray | None = field(default=None, repr=False, compare=False)


class SentencePart(NamedTuple):
    """A sentence, or a part of a long one.

    `sentence` is its number among the sentences of all documents, from 0; `start` counts tokens.
    """

    sentence: int
    start: int
    tokens: list[str]


@dataclass(frozen=True, slots=True)
class DecodedParts:
    """Parts of similar length, their decoded entities, and labels (see `SentenceScores`)."""

    parts: list[SentencePart]
    decoded: Decoded
    character_labels: list[np.ndarray | None]

    def entities(self) -> Iterator[tuple[int, Span]]:
        """Yields each entity, in the order of `decoded`, with the number of its sentence."""
        for part, spans in zip(self.parts, self.decoded.spans(), strict=True):
            for name, start, end in spans:
                yield part.sentence, Span(name, part.start + start, part.start + end)


class TokenTagger:
    """Tags sentences with a trained model; threads and processes may share one.

    A sentence of more than LONGEST_SENTENCE characters is read in parts, as several sentences: an
    entity where two parts meet may become two, or be lost.
    """

    def __init__(self, trained: TrainedModel, temperature: float = 1.0):
        """Builds a tagger.

        Args:
            trained: the model.
            temperature: the model's scores are divided by it, see `inference.calibration`; it
                changes the probabilities of entities, never the entities.

        Raises:
            InputError: the parts of the model do not belong together.
        """
        self.trained = trained
        self.vocabulary = trained.vocabulary
        with one_blas_thread():  # several would round otherwise
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
        except InputError as error:
            raise InputError(f"{path}: {error}") from None

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
        documents = _checked(documents)
        sentences = [*chain.from_iterable(documents)]
        entities: list[list[Entity]] = [[] for _ in sentences]
        labels: list[np.ndarray | None] = [None] * len(sentences)
        for group in self.decode(documents):
            probabilities = self.probabilities(group.decoded).tolist()
            for (number, span), probability in zip(group.entities(), probabilities, strict=True):
                if probability >= min_score:
                    text = " ".join(sentences[number][span.start : span.end])
                    entities[number].append(Entity(*span, text, probability))
            for part, part_labels in zip(group.parts, group.character_labels, strict=True):
                labels[part.sentence] = part_labels
        tagged = map(_tagged_sentence, sentences, entities, labels)
        return [[*islice(tagged, len(document))] for document in documents]

    def certainty(self, documents: Iterable[list[list[str]]]) -> np.ndarray:
        """How certain the tags of documents are, which are already split as for `tag_tokens`.

        It is the log-probability of the best tags, divided by the number of tokens (MNLP: Shen et
        al. 2018, "Deep Active Learning for Named Entity Recognition").

        Args:
            documents: the tokens of each sentence of each document.

        Returns:
            (documents,): at most 0, which is certain; 0 if a document has no token.

        Raises: see `tag_tokens`.
        """
        documents = _checked(documents)
        document_of = np.repeat(np.arange(len(documents)), [*map(len, documents)])
        sums = np.zeros(len(documents))
        for group in self.decode(documents):
            numbers = document_of[[part.sentence for part in group.parts]]
            logs = path_log_probabilities(
                group.decoded, self._network.transitions, self.temperature
            )
            np.add.at(sums, numbers, logs)
        return sums / [max(1, sum(map(len, document))) for document in documents]

    def tag_examples(self, examples: Iterable[Example]) -> list[TaggedSentence]:
        """Tags the sentences of a corpus, each in its document; their own tags are ignored."""
        return [*chain.from_iterable(self.tag_tokens(tokens_by_document(examples)))]

    def decode(self, documents: Iterable[list[list[str]]]) -> Iterator[DecodedParts]:
        """Runs the network once over documents and yields the decoded parts, in any order.

        Args:
            documents: the tokens of each sentence of each document.

        Raises:
            ValueError: a token is empty.
            InputError: an emission score is not finite.
        """
        parts: list[SentencePart] = []
        chunks: list[list[list[str]]] = []
        numbers = count()
        for document in documents:
            first = len(parts)
            for tokens in document:
                parts += _parts(next(numbers), self.vocabulary.normalised(tokens))
            chunks += self._network.chunks([part.tokens for part in parts[first:]])
        rest = iter(parts)
        for batch in _batches(chunks):
            with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
                scores = self._network(batch)
            if not all(np.isfinite(one.emissions[:, PAD + 1 :]).all() for one in scores):
                raise InputError("the weights of the model are too large: a score is not finite")
            for group in _groups([*zip(islice(rest, len(scores)), scores, strict=True)]):
                emissions = [one.emissions for _, one in group]
                yield DecodedParts(
                    [part for part, _ in group],
                    decode(emissions, self._network.transitions, self._network.tags),
                    [one.character_labels for _, one in group],
                )

    def probabilities(self, decoded: Decoded, temperature: float | None = None) -> np.ndarray:
        """The probability of each entity, (entities,); by default at the tagger's temperature.

        Raises:
            InputError: a probability is not a number.
        """
        temperature = self.temperature if temperature is None else temperature
        transitions, tags = self._network.transitions, self._network.tags
        with np.errstate(all="ignore"):
            probabilities = entity_probabilities(decoded, transitions, tags, temperature)
        if np.isnan(probabilities).any():
            raise InputError("the weights of the model are too large: a probability is no number")
        return probabilities


def tokens_by_document(examples: Iterable[Example]) -> list[list[list[str]]]:
    """The tokens of each sentence of each document of a corpus, in the order of the corpus."""
    return [[example.tokens for example in document] for document in by_document(examples)]


def _checked(documents: Iterable[list[list[str]]]) -> list[list[list[str]]]:
    refuse_string(documents)
    documents = list(documents)
    for given in chain(documents, *documents):
        refuse_string(given)
    return documents


def refuse_string(given: object) -> None:
    """Raises TypeError for a string where a list is meant: its letters would be read one by one."""
    if isinstance(given, str):
        raise TypeError(f"found the string {given!r}; should be a list")


def _parts(sentence: int, tokens: list[str]) -> Iterator[SentencePart]:
    if "" in tokens:
        raise ValueError("a token is empty")
    read = [token[:LONGEST_TOKEN] for token in tokens]
    start = 0
    for part in split_into_chunks(read, LONGEST_SENTENCE, lambda token: len(token) + 1):
        yield SentencePart(sentence, start, part)
        start += len(part)


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


Scored = tuple[SentencePart, SentenceScores]


def _groups(scored: list[Scored]) -> Iterator[list[Scored]]:
    """Groups parts of similar length: at most BATCH_TOKENS, or one part."""
    group: list[Scored] = []
    for one in sorted(scored, key=lambda one: len(one[0].tokens)):
        if group and (len(group) + 1) * len(one[0].tokens) > BATCH_TOKENS:
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _tagged_sentence(
    tokens: list[str], entities: list[Entity], labels: np.ndarray | None
) -> TaggedSentence:
    entities = sorted(entities, key=lambda entity: entity.start)  # parts come in any order
    tags = iob2_tags(len(tokens), [entity.span for entity in entities])
    if labels is not None and len(labels) != len(" ".join(tokens)):
        labels = None  # of one part, or of tokens that were cut
    return TaggedSentence(tokens, tags, entities, labels)
