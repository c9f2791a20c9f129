"""The tagger as a component of a spaCy pipeline; needs spaCy.

nlp.add_pipe("charner", config={"model": "models"})
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import minibatch

from charner.layout.model_files import MODEL_FILES
from charner.tagging.tagger import TaggedText, Tagger

SCORE = "score"


class EntityTagger:
    """Adds the entities of a trained model to documents of spaCy.

    The text of a document is tagged as by `Tagger.tag`. Its tokens stay as they are: an entity gets
    all tokens that it has a part of. Entities that a document has already are kept, and those that
    overlap them are left out, as by spaCy's own `entity_ruler`.
    """

    def __init__(self, folder: Path, min_score: float):
        """Makes a component.

        Args:
            folder: that of the model. It is read at the first use, since `spacy.load` makes a
                component before it says where the model is.
            min_score: entities with a lower score are left out.
        """
        self._folder = folder
        self._min_score = min_score

    @cached_property
    def _tagger(self) -> Tagger:
        return Tagger.load(self._folder)

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
            for doc, of_doc in zip(batch, tagged, strict=True):
                _add_entities(doc, of_doc)
                yield doc

    def to_disk(self, path: Path, exclude: Sequence[str] = ()) -> None:
        """Copies the model to a folder."""
        Path(path).mkdir(parents=True, exist_ok=True)
        for name in MODEL_FILES:
            shutil.copy(self._folder / name, path)

    def from_disk(self, path: Path, exclude: Sequence[str] = ()) -> "EntityTagger":
        """Takes the model that `to_disk` has written."""
        self._folder = Path(path)
        self.__dict__.pop("_tagger", None)
        return self


def _add_entities(doc: Doc, tagged: TaggedText) -> None:
    entities = list(doc.ents)
    taken = {token.i for entity in entities for token in entity}
    scores = []
    for found in tagged.entities:
        span = doc.char_span(found.start, found.end, found.type, alignment_mode="expand")
        assert span is not None  # an entity begins and ends in a token
        if taken.isdisjoint(range(span.start, span.end)):
            taken.update(range(span.start, span.end))
            entities.append(span)
            scores.append((span, found.score))
    doc.ents = entities
    for span, score in scores:
        span._.set(SCORE, score)


@Language.factory(
    "charner",
    default_config={"model": "models", "min_score": 0.0},
    assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
)
def make_entity_tagger(nlp: Language, name: str, model: str, min_score: float) -> EntityTagger:
    """Makes the component from spaCy's config.

    Args:
        nlp: the pipeline.
        name: the name of the component in it.
        model: the folder of the model.
        min_score: entities with a lower score are left out.
    """
    if not Span.has_extension(SCORE):
        Span.set_extension(SCORE, default=None)
    return EntityTagger(Path(model), min_score)
