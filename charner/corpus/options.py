"""How a corpus is read."""

from dataclasses import dataclass, field

from charner.corpus.mistakes import Mistakes


@dataclass(frozen=True)
class Options:
    """The parameters of reading, as in the section `char_encode` of params.yaml.

    `token_column` and `tag_column` are counted from 0, or from the right if negative; lines that
    start with `comment_prefix` are skipped. These are for CoNLL columns. `language` is that of text
    without tokens or sentences, see `corpus.segmentation`. `mistakes` gets what can be repaired,
    and what the user should know.
    """

    token_column: int = 0
    tag_column: int = -1
    comment_prefix: str | None = None
    language: str = "en"
    mistakes: Mistakes = field(default_factory=Mistakes)
