"""The tagger as a component of a spaCy pipeline; needs spaCy."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import srsly
from spacy.language import Language
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.util import minibatch

from charner.encoding.model_files import MODEL_FILES
from charner.support.errors import InputError
from charner.tagging.tagger import TaggedText, Tagger

SCORE = "score"


class EntityTagger:
    """Adds the entities of a trained model to documents of spaCy.

        nlp = spacy.blank("en")
        nlp.add_pipe("charner", config={"model": "models", "min_score": 0.5})
        print([(span.label_, span.text, span._.score) for span in nlp("Ada lived in London.").ents])

    The text of a document is tagged as by `Tagger.tag`. Its tokens stay as they are: an entity gets
    each token that it overlaps. Entities that a document has already are kept, and what overlaps
    them is left out, as by spaCy's own `entity_ruler`.
    """

    def __init__(self, folder: Path, min_score: float):
        """Makes a component, with the model as it is now.

        Args:
            folder: the folder of the model. It may be empty: `spacy.load` makes a component before
                it gives it the model that was saved with it.
            min_score: entities with a lower score are left out.
        """
        self._folder = folder
        self._min_score = min_score
        self._files: dict[str, bytes] = {}
        if all((folder / name).is_file() for name in MODEL_FILES):
            self.from_disk(folder)

    @cached_property
    def _tagger(self) -> Tagger:
        with TemporaryDirectory() as name:
            self.to_disk(Path(name))
            try:
                return Tagger.load(name)
            except InputError as error:
                raise InputError(str(error).replace(name, str(self._folder))) from None

    def __call__(self, doc: Doc) -> Doc:
        """Adds entities to a document, each with its `span._.score`.

        Raises:
            InputError: there is no model.
        """
        return next(self.pipe([doc]))

    def pipe(self, docs: Iterable[Doc], batch_size: int = 100) -> Iterator[Doc]:
        """Adds entities to many documents; see `__call__`."""
        for batch in minibatch(docs, batch_size):
            tagged = self._tagger.tag_batch([doc.text for doc in batch], self._min_score)
            for doc, text in zip(batch, tagged, strict=True):
                _add_entities(doc, text)
                yield doc

    @property
    def labels(self) -> tuple[str, ...]:
        """The entity types of the model; none if there is no model yet."""
        try:
            return tuple(self._tagger.vocabulary.entity_types)
        except InputError:
            return ()

    def score(self, examples: Iterable[Example], **settings: object) -> dict:
        """Precision, recall and F1 of the entities of spaCy's examples, as `nlp.evaluate` does."""
        return get_ner_prf(examples)

    def to_bytes(self, exclude: Sequence[str] = ()) -> bytes:
        """The files of the model."""
        return srsly.msgpack_dumps(self._files)

    def from_bytes(self, content: bytes, exclude: Sequence[str] = ()) -> "EntityTagger":
        """Takes the model that `to_bytes` has packed.

        Raises:
            InputError: there is something else in it: it may come from anywhere.
        """
        files = srsly.msgpack_loads(content)
        is_model = isinstance(files, dict) and files.keys() in ({*MODEL_FILES}, set())
        if not is_model or not all(isinstance(one, bytes) for one in files.values()):
            raise InputError("the component's bytes are not those of a model")
        return self._with_files(files)

    def to_disk(self, path: Path, exclude: Sequence[str] = ()) -> None:
        """Writes the files of the model to a folder.

        Raises:
            InputError: there is no model.
        """
        if not self._files:
            raise InputError(f"{self._folder}: no model was here when the component was made")
        Path(path).mkdir(parents=True, exist_ok=True)
        for name, content in self._files.items():
            (Path(path) / name).write_bytes(content)

    def from_disk(self, path: Path, exclude: Sequence[str] = ()) -> "EntityTagger":
        """Takes the model that `to_disk` has written."""
        return self._with_files({name: (Path(path) / name).read_bytes() for name in MODEL_FILES})

    def _with_files(self, files: dict[str, bytes]) -> "EntityTagger":
        self._files = files
        self.__dict__.pop("_tagger", None)
        return self

    def __getstate__(self) -> dict:
        """What is pickled: the files of the model, which are much smaller than the tagger."""
        return {name: value for name, value in vars(self).items() if name != "_tagger"}


def _add_entities(doc: Doc, tagged: TaggedText) -> None:
    entities = list(doc.ents)
    taken = {token.i for entity in entities for token in entity}
    for entity in tagged.entities:
        span = doc.char_span(entity.start, entity.end, entity.type, alignment_mode="expand")
        assert span is not None  # an entity begins and ends in a token
        if taken.isdisjoint(range(span.start, span.end)):
            taken.update(range(span.start, span.end))
            entities.append(span)
            span._.set(SCORE, entity.score)
    doc.ents = entities


@Language.factory(
    "charner",
    default_config={"model": "models", "min_score": 0.0},
    assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
    default_score_weights={"ents_f": 1.0, "ents_p": 0.0, "ents_r": 0.0, "ents_per_type": None},
)
def make_entity_tagger(nlp: Language, name: str, model: str, min_score: float) -> EntityTagger:
    """Makes the component from spaCy's config; see `EntityTagger`.

    Raises:
        ValueError: `min_score` is not a number from 0 to 1.
    """
    if not 0 <= min_score <= 1:
        raise ValueError(f"min_score: found {min_score}; should be a number from 0 to 1")
    if not Span.has_extension(SCORE):
        Span.set_extension(SCORE, default=None)
    return EntityTagger(Path(model), min_score)
