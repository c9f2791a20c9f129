"""The model card: what a model was trained on, how good it is, and its limits, as Markdown.

Its parts are those of Mitchell et al. 2019, *Model Cards for Model Reporting*; the lines at its top
are those that the Hugging Face Hub reads.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from charner.encoding.examples import Example, by_document
from charner.encoding.vocabulary import Vocabulary
from charner.encoding.word_vectors import WordVectors
from charner.evaluation.report import TITLES
from charner.evaluation.scores import METRIC_DIGITS, SplitScores

_MARKUP = re.compile(r"[\\`|\[\]]")  # of Markdown: a name must make no link, picture or column

SCORES = (
    *("entity_f1", "entity_precision", "entity_recall"),
    *("token_accuracy", "character_accuracy", "calibration_error"),
)


class _Corpus(NamedTuple):
    """A corpus in words; `licence` is an identifier of the Hub."""

    name: str
    licence: str
    terms: str


CORPORA = {
    "conll2003": _Corpus(
        "CoNLL-2003, English news of Reuters from 1996 (Tjong Kim Sang and De Meulder 2003)",
        "other",
        "The text of CoNLL-2003 is licensed for research use only; a model trained on it may be"
        " bound by the same terms.",
    ),
    "custom": _Corpus(
        "that of the model's maker (`download.corpus: custom`)",
        "unknown",
        "The model may be bound by the terms of the corpus.",
    ),
    "sample": _Corpus(
        "the project's sample, a few invented sentences: for trying things out only",
        "mit",
        "The sample is under the MIT licence, as the code is.",
    ),
}
"""The corpora by their names in params.yaml."""


def model_card(
    corpus: str,
    vocabulary: Vocabulary,
    vectors: WordVectors,
    examples: Mapping[str, Sequence[Example]],
    scores: Mapping[str, SplitScores],
    characters_with_typo: float,
) -> str:
    """The card of a model.

    Args:
        corpus: `download.corpus` of params.yaml.
        vocabulary: that of the model.
        vectors: the word vectors that it reads.
        examples: the sentences of train, valid and test.
        scores: those of valid and test.
        characters_with_typo: see `robustness`.
    """
    origin = CORPORA[corpus]
    if vectors.dimensions:
        outside = f"Word vectors, from other text: {_cell(vectors.title)}."
        terms = f"{origin.terms}\n\nThe word vectors: {_cell(vectors.licence)}."
    else:
        outside = "No word vectors: the model knows nothing of other text."
        terms = origin.terms
    types = ", ".join(map(_cell, vocabulary.entity_types))
    test = {name: _cell(score) for name, score in scores["test"].single.items()}
    size_table = _table(
        ("", "documents", "sentences", "tokens", "entities"),
        [(name, *_sizes(split)) for name, split in examples.items()],
    )
    split_table = _table(
        ("", *scores),
        [(TITLES[name], *(split.single[name] for split in scores.values())) for name in SCORES],
    )
    type_table = _table(
        ("test", "precision", "recall", "F1", "entities"),
        [(name, *row.values()) for name, row in scores["test"].entities.items()],
    )
    return f"""---
language: "{vocabulary.language}"
license: {origin.licence}
library_name: charner
pipeline_tag: token-classification
tags: [named-entity-recognition]
---

# Named entity tagger

Finds entities of these types in text: {types}. The charner pipeline
trained and evaluated it on one corpus.

## Use

With charner installed, and this folder at `models`:

```console
$ charner tag --model models article.txt
```

## Data

Corpus: {origin.name}.

{outside}

{size_table}

## Scores

{split_table}

{type_table}

An entity is right if its type and all its tokens are.

## Limits

- Expect lower scores on text of another kind, time or language than that of the corpus.
- Entities of test that train has are found with F1 {test["seen_f1"]}, the others
  with {test["unseen_f1"]}.
- On test in lower case, entity F1 is {test["lower_case_f1"]}; in upper case,
  {test["upper_case_f1"]}; with typing errors in {100 * characters_with_typo:g}% of the
  characters, {test["typo_f1"]}.
- The score of an entity is a probability, calibrated on valid. On other text it may be too high or
  too low.
- Entities do not overlap, and a name is not linked to what it names.

## Licence

{terms}
"""


def _sizes(examples: Sequence[Example]) -> tuple[int, ...]:
    """The numbers of documents, sentences, tokens and entities."""
    return (
        sum(1 for _ in by_document(examples)),
        len(examples),
        sum(len(example.tokens) for example in examples),
        sum(len(example.mentions) for example in examples),
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str | float]]) -> str:
    """A table in Markdown; the first column has names, the others numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *([*map(_cell, row)] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cell(value: str | float) -> str:
    if isinstance(value, str):
        return _MARKUP.sub(r"\\\g<0>", value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.{METRIC_DIGITS}f}"
