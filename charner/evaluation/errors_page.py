"""A page with the sentences in which entities were missed or wrong, by kind of confusion."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from charner.evaluation.confusions import Kind, Occurrence, confusions
from charner.inference.token_tagger import Entity
from charner.tagging.marks import PROBABILITY_DIGITS, Marks, escaped
from charner.tags.spans import Span

KINDS = 40  # shown of each part; the rest is counted
SENTENCES = 20  # shown of each kind


class ScoredSentence(NamedTuple):
    """A sentence with its true entities and those that a model found.

    `places` says where each token stands, such as in which line of which file.
    """

    places: Sequence[str]
    tokens: list[str]
    true: list[Span]
    predicted: list[Entity]

    def entities(self) -> tuple[list[Span], list[Span]]:
        """The true and the predicted entities, without scores."""
        return self.true, [entity.span for entity in self.predicted]


def errors_page(
    parts: Mapping[str, Sequence[ScoredSentence]], types: Sequence[str], language: str
) -> str:
    """A self-contained page in HTML, without scripts.

    First a table of the most frequent confusions, each a link to its sentences.

    Args:
        parts: the sentences by a title, such as the name of their split.
        types: all entity types.
        language: that of the text.
    """
    marks = Marks(types)
    links = [f'<a href="#part-{i}">{escaped(title)}</a>' for i, title in enumerate(parts)]
    sections = (
        _part(f"part-{i}", title, sentences, marks, language)
        for i, (title, sentences) in enumerate(parts.items())
    )
    return PAGE.format(
        style=marks.style,
        legend=marks.legend,
        links=f"<nav>{' '.join(links)}</nav>" if len(links) > 1 else "",
        parts="\n".join(sections),
    )


def _part(
    name: str, title: str, sentences: Sequence[ScoredSentence], marks: Marks, language: str
) -> str:
    found = confusions(sentence.entities() for sentence in sentences)
    total = sum(len(occurrences) for _, occurrences in found)
    rest = sum(len(occurrences) for _, occurrences in found[KINDS:])
    rows = "\n".join(
        f'<tr><td><a href="#{name}-{i}">{len(occurrences):,}</a></td>'
        f"<td>{escaped(kind.true or 'none')}</td><td>{escaped(kind.predicted or 'none')}</td>"
        f"<td>{_boundary(kind)}</td></tr>"
        for i, (kind, occurrences) in enumerate(found[:KINDS])
    )
    more = f"<p>And {rest:,} of {len(found) - KINDS:,} other kinds.</p>" if rest else ""
    kinds = "\n".join(
        _kind(f"{name}-{i}", name, kind, occurrences, sentences, marks, language)
        for i, (kind, occurrences) in enumerate(found[:KINDS])
    )
    return PART.format(
        name=name,
        title=escaped(title),
        total=f"{total:,}",
        sentences=f"{len(sentences):,}",
        rows=rows,
        more=more,
        kinds=kinds,
    )


def _boundary(kind: Kind) -> str:
    if kind.true is None or kind.predicted is None:
        return ""
    return "wrong" if kind.other_ends else "right"


def _kind(
    name: str,
    part: str,
    kind: Kind,
    occurrences: list[Occurrence],
    sentences: Sequence[ScoredSentence],
    marks: Marks,
    language: str,
) -> str:
    count = f"{len(occurrences):,}"
    if len(occurrences) > SENTENCES:
        count += f", of which the first {SENTENCES} are shown"
    items = "\n".join(
        _item(sentences[occurrence.sentence], occurrence, marks, language)
        for occurrence in occurrences[:SENTENCES]
    )
    return KIND.format(name=name, part=part, kind=escaped(str(kind)), count=count, items=items)


def _item(sentence: ScoredSentence, at: Occurrence, marks: Marks, language: str) -> str:
    def line(entities: Sequence[tuple[Span, float | None]]) -> str:
        parts, position = [], 0
        for (name, start, end), score in entities:
            text = escaped(" ".join(sentence.tokens[start:end]))
            if start < at.end and at.start < end:
                text = f"<strong>{text}</strong>"
            mark = marks.mark(name, text, score)
            shown = "" if score is None else f" <small>{score:.{PROBABILITY_DIGITS}f}</small>"
            parts += [escaped(" ".join(sentence.tokens[position:start])), mark + shown]
            position = end
        parts.append(escaped(" ".join(sentence.tokens[position:])))
        return f'<dd lang="{language}" dir="auto">{" ".join(filter(None, parts))}</dd>'

    true = line([(entity, None) for entity in sorted(sentence.true, key=lambda e: e[1:])])
    predicted = line([(entity.span, entity.score) for entity in sentence.predicted])
    return ITEM.format(place=escaped(sentence.places[at.start]), true=true, predicted=predicted)


PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Missed and wrong entities</title>
<style>
:root {{ color-scheme: light dark; --line: #8886; --faint: #666; --link: #0b57a4 }}
@media (prefers-color-scheme: dark) {{ :root {{ --faint: #aaa; --link: #8ec1ff }} }}
body {{ max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.6 sans-serif }}
a {{ color: var(--link) }}
nav {{ display: flex; gap: 1rem }}
table {{ border-collapse: collapse; margin: 1rem 0 }}
th, td {{ padding: .2rem .8rem; text-align: start; border-bottom: 1px solid var(--line) }}
td:first-child {{ text-align: end; font-variant-numeric: tabular-nums }}
h2 {{ margin-top: 3rem }}
h3 {{ margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: .5rem }}
h3 small, .place, dt {{ color: var(--faint); font-weight: normal; font-size: .85rem }}
ol {{ padding-inline-start: 2.2rem }}
.place {{ margin: 1rem 0 .2rem }}
dl {{ display: grid; grid-template-columns: 5rem 1fr; margin: 0; line-height: 1.9 }}
dd {{ margin: 0; overflow-wrap: anywhere }}
{style}
dd mark:not(:has(strong)) {{ opacity: .75 }}
dd > small {{ color: var(--faint); font-size: .7rem }}
</style>
</head>
<body>
<h1>Missed and wrong entities</h1>
<p>Each sentence is shown with its true entities, and with the predicted ones and their scores. The
entities that a row of the table is about are in bold.</p>
<p>{legend}</p>
{links}
<main>
{parts}
</main>
</body>
</html>
"""
PART = """\
<section id="{name}">
<h2>{title}</h2>
<p>{total} in {sentences} sentences.</p>
<table>
<thead><tr><th>number</th><th>true type</th><th>predicted type</th><th>boundary</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
{more}
{kinds}
</section>"""
KIND = """\
<section>
<h3 id="{name}">{kind} <small>({count}; <a href="#{part}">back to the table</a>)</small></h3>
<ol>
{items}
</ol>
</section>"""
ITEM = """\
<li><p class="place">{place}</p>
<dl><dt>true</dt>{true}<dt>predicted</dt>{predicted}</dl></li>"""
