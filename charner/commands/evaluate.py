"""`charner evaluate`: scores a trained model on annotated files."""

import sys
from argparse import Namespace
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from charner.corpus.mistakes import ILLEGAL_TAG, Mistakes
from charner.corpus.scheme_detection import SchemeDetector
from charner.evaluation.confusions import confusions
from charner.evaluation.report import table
from charner.support import counted
from charner.support.errors import InputError, one_line
from charner.support.files import check_is_replaceable, replacing
from charner.support.process import raise_on_ctrl_c
from charner.tags.counts import EntityScores
from charner.tags.schemes import to_iob2
from charner.tags.spans import entities

if TYPE_CHECKING:
    from charner.corpus.sentence import Sentence
    from charner.evaluation.errors_page import ScoredSentence
    from charner.inference.token_tagger import Entity

SHOWN = 20  # confusions


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "evaluate",
        help="score the model on annotated files",
        description="Prints precision, recall and F1 of each entity type, and what is confused with"
        " what. The files may be in any format that the pipeline reads.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="annotated files")
    parser.add_argument(
        "--token-column",
        type=int,
        default=0,
        metavar="NUMBER",
        help="for CoNLL columns, counted from 0, or from the right if negative; default: 0",
    )
    parser.add_argument(
        "--tag-column", type=int, default=-1, metavar="NUMBER", help="the same; default: -1"
    )
    parser.add_argument(
        "--comment-prefix", metavar="TEXT", help="for CoNLL columns: lines with it are skipped"
    )
    parser.add_argument(
        "--page",
        metavar="FILE",
        help="also write a page in HTML with the sentences behind each confusion",
    )
    parser.add_argument("--model", default="models", metavar="FOLDER", help="default: models")
    parser.set_defaults(run=evaluate_files)


def evaluate_files(arguments: Namespace) -> int:
    """Prints the scores of a model on files, and its confusions; returns the exit code.

    Mistakes of the files that can be repaired are repaired, with a message on standard error.

    Raises:
        InputError: there is no model, a file cannot be read or holds no entity, or the page cannot
            be written.
    """
    from charner.corpus.formats import read_sentences
    from charner.encoding.examples import by_document
    from charner.encoding.model_files import MODEL_FILES
    from charner.evaluation.errors_page import ScoredSentence, errors_page
    from charner.inference.token_tagger import TokenTagger

    raise_on_ctrl_c()
    files = [*map(Path, arguments.files)]
    if arguments.page is not None:  # is checked before anything is computed
        page = Path(arguments.page)
        check_is_replaceable(page)
        needed = [*files, *(Path(arguments.model, name) for name in MODEL_FILES)]
        if page.exists() and any(file.exists() and page.samefile(file) for file in needed):
            raise InputError(
                f"{page}: is a file that is read, and would be lost; name another page"
            )
    tagger = TokenTagger.load(arguments.model)
    language = tagger.vocabulary.language
    columns = arguments.token_column, arguments.tag_column, arguments.comment_prefix
    mistakes, detector = Mistakes(repair=True), SchemeDetector()
    # In columns, the spaces of types are written as `_`.
    names = {name.replace(" ", "_"): name for name in tagger.vocabulary.entity_types}
    documents: list[tuple[Path, list[Sentence]]] = []
    for path in files:
        for document in by_document(read_sentences(path, *columns, mistakes, language)):
            for sentence in document:
                detector.add(path, sentence.tags, sentence.lines)
            documents.append((path, [replace(s, tags=_renamed(s.tags, names)) for s in document]))
    scheme, violations, first_violation = detector.fit()
    if violations:
        mistakes.add(ILLEGAL_TAG, first_violation, violations)
    for line in mistakes.report():
        print(line, file=sys.stderr)

    # Tokens that were cut at an entity are tagged as `charner tag` finds them in the text: whole.
    tagged = tagger.tag_tokens([[_whole_tokens(s) for s in document] for _, document in documents])
    sentences = [
        ScoredSentence(
            [f"{path}:{line}" for line in sentence.lines],
            sentence.tokens,
            entities(to_iob2(sentence.tags)),
            _at_cut_tokens(predicted.entities, sentence),
        )
        for (path, document), tagged_document in zip(documents, tagged, strict=True)
        for sentence, predicted in zip(document, tagged_document, strict=True)
    ]
    scores = EntityScores()
    for scored in sentences:
        scores.add(*scored.spans())
    title = ", ".join(arguments.files)
    if not scores.all.support:
        raise InputError(f"{title}: no entity to score; all tags are O")

    tokens = sum(len(scored.tokens) for scored in sentences)
    print(f"{counted(len(sentences), 'sentence')}, {counted(tokens, 'token')}, tags in {scheme}")
    types = tagger.vocabulary.entity_types
    _print_scores(scores, types)
    _print_confusions(sentences)
    if arguments.page is not None:
        html = errors_page({title: sentences}, sorted({*types, *scores.types}), language)
        with replacing(page) as temporary:
            temporary.write_text(html, encoding="utf-8")
    return 0


def _renamed(tags: list[str], names: dict[str, str]) -> list[str]:
    """The tags with other names of types, where there are some."""
    parts = [tag.partition("-") for tag in tags]
    return [f"{prefix}{joint}{names.get(name, name)}" for prefix, joint, name in parts]


def _whole_tokens(sentence: "Sentence") -> list[str]:
    """The tokens before they were cut."""
    tokens: list[str] = []
    for position, token in enumerate(sentence.tokens):
        if position in sentence.cut:
            tokens[-1] += token
        else:
            tokens.append(token)
    return tokens


def _at_cut_tokens(entities: "list[Entity]", sentence: "Sentence") -> "list[Entity]":
    """Entities whose offsets count whole tokens, with offsets that count the cut ones."""
    length = len(sentence.tokens)
    ends = [position for position in range(length + 1) if position not in sentence.cut]
    return [replace(entity, start=ends[entity.start], end=ends[entity.end]) for entity in entities]


def _print_scores(scores: EntityScores, known: Collection[str]) -> None:
    """Prints the scores of all types, and which types the files or the model do not have."""
    rows = {name: scores.types[name].as_dict() for name in sorted(scores.types)}
    print(table({**rows, "all types": scores.all.as_dict()}))
    for name, row in rows.items():
        if name not in known:
            print(f"{name}: the model does not know this type; all {row['support']} are missed")
    for name in sorted(known):
        if name not in rows or not rows[name]["support"]:
            print(f"{name}: the files have none; each one that the model finds is wrong")


def _print_confusions(sentences: "list[ScoredSentence]") -> None:
    """Prints the most frequent confusions, and where the first of each is."""
    by_frequency = confusions(sentence.spans() for sentence in sentences)
    shown, rest = by_frequency[:SHOWN], by_frequency[SHOWN:]
    if not shown:
        return
    print("confusions, and the first of each:")
    width = max(len(str(confusion)) for confusion, _ in shown)
    for confusion, spans in shown:
        number, (_, start, end) = spans[0]
        sentence = sentences[number]
        first = one_line(f"{sentence.locations[start]} {' '.join(sentence.tokens[start:end])}")
        print(f"{len(spans):6,}  {confusion!s:{width}}  {first}")
    if rest:
        print(f"{sum(len(spans) for _, spans in rest):6,}  others, of {len(rest)} kinds")
