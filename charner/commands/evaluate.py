"""`charner evaluate`: scores a trained model on annotated files."""

import sys
from argparse import Namespace
from pathlib import Path

from charner.commands.confusions import Confusions
from charner.corpus.formats import read_sentences
from charner.corpus.mistakes import ILLEGAL_TAG, Mistakes
from charner.corpus.sentence import Sentence
from charner.encoding.examples import by_document
from charner.evaluation.report import table
from charner.inference.token_tagger import TokenTagger
from charner.support.errors import InputError
from charner.tags.counts import entity_scores
from charner.tags.schemes import SchemeDetector, entities, to_iob2

SHOWN = 20  # confusions


def evaluate_files(arguments: Namespace) -> int:
    """Prints the scores of a model on files, and its confusions; returns the exit code.

    Mistakes of the files that can be repaired are repaired and told on standard error.

    Raises:
        InputError: there is no model, or a file cannot be read or holds no entity.
    """
    tagger = TokenTagger.load(arguments.model)
    mistakes = Mistakes(repair=True)
    documents: list[list[Sentence]] = []
    places: list[Path] = []  # the file of each document
    detector = SchemeDetector()
    for path in map(Path, arguments.files):
        found = read_sentences(
            path,
            arguments.token_column,
            arguments.tag_column,
            arguments.comment_prefix,
            mistakes,
            tagger.vocabulary.language,
        )
        for document in by_document(found):
            for sentence in document:
                detector.add(path, sentence.tags, sentence.lines)
            documents.append(document)
            places.append(path)
    scheme, violations, first_violation = detector.fit()
    if violations:
        mistakes.add(ILLEGAL_TAG, first_violation, violations)
    for line in mistakes.report():
        print(line, file=sys.stderr)

    sentences = [sentence for document in documents for sentence in document]
    true = [to_iob2(sentence.tags) for sentence in sentences]
    tagged = tagger.tag_tokens([[s.tokens for s in document] for document in documents])
    predicted = [sentence.tags for of_document in tagged for sentence in of_document]
    scores = entity_scores(true, predicted)
    if not scores.all.support:
        raise InputError(f"{', '.join(arguments.files)}: no entity to score; all tags are O")
    paths = (place for place, d in zip(places, documents, strict=True) for _ in d)
    confusions = Confusions()
    for path, sentence, *tags in zip(paths, sentences, true, predicted, strict=True):
        confusions.add(path, sentence, *map(entities, tags))

    known = set(tagger.vocabulary.entity_types)
    rows = {name: scores.types[name].as_dict() for name in sorted(scores.types)}
    tokens = sum(len(sentence.tokens) for sentence in sentences)
    print(f"{len(sentences):,} sentences, {tokens:,} tokens, tags in {scheme}")
    print(table({**rows, "all": scores.all.as_dict()}))
    for name, row in rows.items():
        if name not in known:
            print(f"{name}: the model does not know this type; all {row['support']} are missed")
    for name in sorted(known):
        if name not in rows or not rows[name]["support"]:
            print(f"{name}: the files have none; each one that the model finds is wrong")
    for line in confusions.report(SHOWN):
        print(line)
    return 0
