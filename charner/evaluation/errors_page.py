"""A page with the sentences in which entities were missed or wrong, by confusion."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from charner.evaluation.confusions import confusions
from charner.inference.token_tagger import Entity
from charner.tagging.marks import PROBABILITY_DIGITS, Marks, escaped
from charner.tags.spans import Span

CONFUSIONS = 40  # shown of each part; the rest is counted
SENTENCES = 20  # shown of each confusion


class ScoredSentence(NamedTuple):
    """A sentence with its true entities and those that a model predicted.

    `locations` says where each token is, such as in which line of which file.
    """

    locations: Sequence[str]
    tokens: list[str]
    true: list[Span]
    predicted: list[Entity]

    def spans(self) -> tuple[list[Span], list[Span]]:
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
    nav = f"<nav>{' '.join(links)}</nav>" if len(links) > 1 else ""
    sections = "\n".join(
        _part(f"part-{i}", title, sentences, marks, language)
        for i, (title, sentences) in enumerate(parts.items())
    )
    return f"""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Missed and wrong entities</title>
<style>
{STYLE}
{marks.style}
</style>
</head>
<body>
<h1>Missed and wrong entities</h1>
<p>Each sentence is shown with its true entities, and with the predicted ones and their scores. The
entities that a row of the table is about are in bold.</p>
<p>{marks.legend}</p>
{nav}
<main>
{sections}
</main>
</body>
</html>
"""


STYLE = """\
:root { color-scheme: light dark; --line: #8886; --faint: #666; --link: #0b57a4 }
@media (prefers-color-scheme: dark) { :root { --faint: #aaa; --link: #8ec1ff } }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.6 sans-serif }
a { color: var(--link) }
nav { display: flex; gap: 1rem }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { padding: .2rem .8rem; text-align: start; border-bottom: 1px solid var(--line) }
td:first-child { text-align: end; font-variant-numeric: tabular-nums }
h2 { margin-top: 3rem }
h3 { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: .5rem }
h3 small, .location, dt { color: var(--faint); font-weight: normal; font-size: .85rem }
ol { padding-inline-start: 2.2rem }
.location { margin: 1rem 0 .2rem }
dl { display: grid; grid-template-columns: 5rem 1fr; margin: 0; line-height: 1.9 }
dd { margin: 0; overflow-wrap: anywhere }
dd mark:not(:has(strong)) { opacity: .75 }
dd > small { color: var(--faint); font-size: .7rem }"""


def _part(
    part: str, title: str, sentences: Sequence[ScoredSentence], marks: Marks, language: str
) -> str:
    by_confusion = confusions(sentence.spans() for sentence in sentences)
    total = sum(len(spans) for _, spans in by_confusion)
    rows, sections = [], []
    for i, (confusion, spans) in enumerate(by_confusion[:CONFUSIONS]):
        boundary = "wrong" if confusion.wrong_boundaries else "right"
        rows.append(
            f'<tr><td><a href="#{part}-{i}">{len(spans):,}</a></td>'
            f"<td>{escaped(confusion.true or 'none')}</td>"
            f"<td>{escaped(confusion.predicted or 'none')}</td>"
            f"<td>{boundary if confusion.true and confusion.predicted else ''}</td></tr>"
        )
        shown = f", of which the first {SENTENCES} are shown" if len(spans) > SENTENCES else ""
        items = "\n".join(
            _item(sentences[number], span, marks, language) for number, span in spans[:SENTENCES]
        )
        sections.append(f"""\
<section>
<h3 id="{part}-{i}">{escaped(str(confusion))} \
<small>({len(spans):,}{shown}; <a href="#{part}">back to the table</a>)</small></h3>
<ol>
{items}
</ol>
</section>""")
    table, details = "\n".join(rows), "\n".join(sections)
    more = ""
    if rest := by_confusion[CONFUSIONS:]:
        count = sum(len(spans) for _, spans in rest)
        more = f"<p>And {count:,} of {len(rest):,} other kinds.</p>\n"
    return f"""\
<section id="{part}">
<h2>{escaped(title)}</h2>
<p>{total:,} in {len(sentences):,} sentences.</p>
<table>
<thead><tr><th>number</th><th>true type</th><th>predicted type</th><th>boundary</th></tr></thead>
<tbody>
{table}
</tbody>
</table>
{more}{details}
</section>"""


def _item(sentence: ScoredSentence, confused: Span, marks: Marks, language: str) -> str:
    """A sentence with its true and its predicted entities, the confused ones in bold."""

    def line(entities: Sequence[tuple[Span, float | None]]) -> str:
        parts, position = [], 0
        for (name, start, end), score in entities:
            text = escaped(" ".join(sentence.tokens[start:end]))
            if start < confused.end and confused.start < end:
                text = f"<strong>{text}</strong>"
            mark = marks.mark(name, text, score)
            shown = "" if score is None else f" <small>{score:.{PROBABILITY_DIGITS}f}</small>"
            parts += [escaped(" ".join(sentence.tokens[position:start])), mark + shown]
            position = end
        parts.append(escaped(" ".join(sentence.tokens[position:])))
        return f'<dd lang="{language}" dir="auto">{" ".join(filter(None, parts))}</dd>'

    true = line([(span, None) for span in sorted(sentence.true, key=lambda span: span.start)])
    predicted = line([(entity.span, entity.score) for entity in sentence.predicted])
    return f"""\
<li><p class="location">{escaped(sentence.locations[confused.start])}</p>
<dl><dt>true</dt>{true}<dt>predicted</dt>{predicted}</dl></li>"""
