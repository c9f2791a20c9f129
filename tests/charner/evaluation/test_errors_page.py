import html
import re

from charner.evaluation.errors_page import CONFUSIONS, SENTENCES, ScoredSentence, errors_page
from charner.inference.token_tagger import Entity
from charner.tags.spans import Span

TOKENS = ["Ann", "<b>", "of", "York", "met", "Bo", "."]
LOCATIONS = [f"in.txt:{line}" for line in range(11, 18)]


def sentence(true: list, predicted: list) -> ScoredSentence:
    entities = [
        Entity(name, start, end, " ".join(TOKENS[start:end]), 0.98765)
        for name, start, end in predicted
    ]
    return ScoredSentence(LOCATIONS, TOKENS, [Span(*span) for span in true], entities)


def visible(part: str) -> str:
    """What a reader sees of a part of a page."""
    return html.unescape(re.sub("<.*?>", "", part))


def test_a_confusion_leads_to_its_sentence_with_both_readings():
    page = errors_page(
        {"valid": [sentence([("PER", 0, 1), ("LOC", 3, 4)], [("PER", 0, 1), ("ORG", 1, 4)])]},
        ["LOC", "ORG", "PER"],
        "en",
    )
    ((target, count),) = re.findall(r'<td><a href="#(.+?)">(\d+)</a>', page)
    assert count == "1"
    heading = page.index(f'<h3 id="{target}">LOC tagged as ORG, wrong boundaries ')
    item = page[heading : page.index("</li>", heading)]
    assert "in.txt:14" in item
    true, predicted = re.findall(r"<dd.*?</dd>", item)
    assert visible(true) == "AnnPER <b> of YorkLOC met Bo ."
    assert visible(predicted) == "AnnPER 0.9877 <b> of YorkORG 0.9877 met Bo ."
    assert re.findall("<strong>(.*?)</strong>", item) == ["York", "&lt;b&gt; of York"]


def test_what_is_not_shown_is_counted():
    many = [sentence([(f"T{i:02}", 0, 1)], []) for i in range(CONFUSIONS + 2)]
    many += [sentence([("T00", 0, 1)], [])] * SENTENCES
    types = [f"T{i:02}" for i in range(CONFUSIONS + 2)]
    page = errors_page({"test": many}, types, "en")
    assert f"{CONFUSIONS + 2 + SENTENCES} in {len(many)} sentences" in page
    assert "And 2 of 2 other kinds." in page
    assert f"T00 missed <small>({SENTENCES + 1}, of which the first {SENTENCES} are shown" in page
    assert page.count("<li>") == SENTENCES + CONFUSIONS - 1


def test_the_page_needs_nothing_from_outside():
    page = errors_page({"valid": [sentence([("PER", 0, 1)], [])], "test": []}, ["PER"], "he")
    assert not re.search(r"<script|<link|<img|@import|url\(|https?:", page)
    assert '<a href="#part-0">valid</a> <a href="#part-1">test</a>' in page
    assert '<dd lang="he" dir="auto">' in page
