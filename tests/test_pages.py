"""README and docs: their commands work as they stand, and their links lead somewhere."""

import re
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.helpers import ROOT, Project

PAGES = sorted(
    str(path.relative_to(ROOT))
    for pattern in ("*.md", "docs/*.md", "data/custom/*.md")
    for path in ROOT.glob(pattern)
)
# Their commands need a real training, on other data than the sample.
TRAINING = ("README.md", "docs/your-own-corpus.md")
RUN = "<!-- run -->"  # stands before a shell block of docs that is run


def parse(page: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse((ROOT / page).read_text("utf-8"))


def programs(page: str) -> list[tuple[str, str]]:
    """The blocks that are run, as language and text: shell and Python, in docs shell if marked."""
    found = []
    for before, block in pairwise([Token("", "", 0), *parse(page)]):
        is_marked = page == "README.md" or before.content.strip() == RUN
        if block.type == "fence" and (
            block.info == "python" or (block.info == "bash" and is_marked)
        ):
            found.append((block.info, block.content))
    return found


def links(page: str) -> set[str]:
    """Where links and pictures of a page lead to, but for other sites."""
    tokens = [child for token in parse(page) for child in token.children or []]
    targets = {str(t.attrs.get("href") or t.attrs.get("src")) for t in tokens if t.attrs}
    return {target for target in targets if not re.match(r"https?://|mailto:", target)}


def anchors(page: str) -> set[str]:
    """What the headings of a page can be linked by, as GitHub makes it of them."""
    tokens = parse(page)
    headings = [b.content for a, b in pairwise(tokens) if a.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), link
        assert not anchor or anchor in anchors(str(target.resolve().relative_to(ROOT))), link


def test_the_front_page_is_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 150


def link_environment(project: Project) -> None:
    """Makes this environment the project's own, as if `make repro` had installed it there."""
    folder = project.folder / ".venv"
    folder.mkdir(exist_ok=True)
    for name in ("bin", "lib", "pyvenv.cfg"):
        if not (folder / name).exists():
            (folder / name).symlink_to(Path(sys.prefix, name))
    (folder / ".installed").touch()  # newer than the requirements


@pytest.mark.slow
@pytest.mark.skipif(
    not Path(sys.prefix, "bin/activate").exists(), reason="needs a virtual environment"
)
@pytest.mark.parametrize("page", [page for page in PAGES if programs(page)])
def test_the_commands_of_a_page_work(request, page):
    project = request.getfixturevalue("project" if page in TRAINING else "fast_project")
    link_environment(project)
    for language, program in programs(page):
        if language == "bash":
            project.run("bash", "-e", "-o", "pipefail", "-c", program)
        else:
            project.run(sys.executable, "-c", program)


def test_the_commands_of_the_front_page_are_run():
    shell = "\n".join(text for language, text in programs("README.md") if language == "bash")
    for command in ("make repro", "charner tag", "dvc metrics diff", "dvc plots show", "exp run"):
        assert command in shell
