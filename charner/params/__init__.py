"""Reads and checks params.yaml; each of its sections has a schema file in this folder.

There are no defaults: every key must be in params.yaml. `load` reads one section but checks all of
them, so that a mistake is reported before the first stage does any work.
"""

import re
from collections import Counter
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic_core import ErrorDetails
from yaml.composer import ComposerError

from charner.support.errors import InputError

Count = Annotated[int, Field(ge=1)]
Fraction = Annotated[float, Field(ge=0, le=1)]
NonNegative = Annotated[float, Field(ge=0)]
Rate = Annotated[float, Field(ge=0, lt=1)]


class Section(BaseModel):
    """The base of all sections: unknown keys and wrong types are errors, values are read-only."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


AnySection = TypeVar("AnySection", bound=Section)

MOST_NODES = 10_000  # of params.yaml, with all aliases written out; ours has 129


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with the numbers and booleans of YAML 1.2, as DVC writes them.

    `1e-05` is a number, and `no` (the code of Norwegian) is a string. Aliases that stand for huge
    content are refused before anything is made of them.
    """

    def compose_document(self) -> yaml.Node | None:
        node = super().compose_document()
        _check_aliases(node, {}, set())
        return node


def _check_aliases(node: Any, sizes: dict[yaml.Node, int], within: set[yaml.Node]) -> int:
    """Counts the nodes below a node, those of an alias each time that it stands somewhere.

    Args:
        node: the node, or a pair of nodes.
        sizes: the numbers that are known; nodes are added.
        within: the nodes that this one is in.

    Raises:
        ComposerError: there are too many, a node is in itself, or a key is there twice.
    """
    if isinstance(node, tuple):
        return sum(_check_aliases(part, sizes, within) for part in node)
    if not isinstance(node, yaml.CollectionNode):
        return 1
    if isinstance(node, yaml.MappingNode):
        names = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        if twice := [name for name, count in names.items() if count > 1]:
            raise ComposerError(
                problem=f"the key {twice[0]} is there twice", problem_mark=node.start_mark
            )
    if node in within:
        raise ComposerError(problem="an alias within itself", problem_mark=node.start_mark)
    if node not in sizes:
        within.add(node)
        sizes[node] = 1 + sum(_check_aliases(part, sizes, within) for part in node.value)
        within.remove(node)
        if sizes[node] > MOST_NODES:
            raise ComposerError(
                problem=f"more than {MOST_NODES:,} values, with aliases written out",
                problem_mark=node.start_mark,
            )
    return sizes[node]


_BOOL, _FLOAT = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:float"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _BOOL]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile("^(true|True|TRUE|false|False|FALSE)$"), [*"tTfF"])
_Loader.add_implicit_resolver(
    _FLOAT,
    re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+$"),
    [*"-+.0123456789"],
)


def schemas() -> dict[str, type[Section]]:
    """The schema of each section, by its name in params.yaml."""
    # Imported late, since these modules import this one.
    from charner.params.char_encode import CharEncode
    from charner.params.download import Download
    from charner.params.evaluate import Evaluate
    from charner.params.model import Model
    from charner.params.train import Train

    return {
        "download": Download,
        "char_encode": CharEncode,
        "model": Model,
        "train": Train,
        "evaluate": Evaluate,
    }


def load(schema: type[AnySection], path: str | Path = "params.yaml") -> AnySection:
    """Reads one section, after checking all of them.

    Args:
        schema: the class of the section, such as `charner.params.train.Train`.
        path: the file.

    Returns:
        The values of the section.

    Raises:
        InputError: the file is missing or not a YAML mapping, or a key is unknown, missing, of the
            wrong type or out of range. The message has one line for each mistake, with the key,
            the value and what is allowed.
    """
    sections = schemas()
    try:
        content = yaml.load(Path(path).read_text(encoding="utf-8"), _Loader)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except RecursionError:
        raise InputError(f"{path}: not valid YAML: nested too deeply") from None
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    except (LookupError, AttributeError, OverflowError):  # PyYAML does not check this
        raise InputError(f"{path}: a tag such as !!bool does not fit its value") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: should have the sections {', '.join(sections)}")
    fields: dict[str, Any] = {name: (section, ...) for name, section in sections.items()}
    params = create_model("Params", __base__=Section, **fields)
    try:
        checked = params.model_validate(content)
    except ValidationError as error:
        # Unknown keys first: one of them may be a misspelt missing key.
        problems = sorted(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
        lines = [f"{path}: {_describe(problem, params)}" for problem in problems]
        raise InputError(*lines) from None
    return next(section for _, section in checked if isinstance(section, schema))


def _describe(problem: ErrorDetails, params: type[Section]) -> str:
    """Describes a pydantic error in one line: the key, the value, and what is allowed."""
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        *place, name = problem["loc"]
        known = _known_keys(params, tuple(place))
        similar = get_close_matches(str(name), known, 1)
        guess = f" (did you mean {similar[0]}?)" if similar else ""
        return f"{key}: unknown key{guess}; known here: {', '.join(known)}"
    if problem["type"] == "missing":
        return f"{key}: missing"
    if problem["type"] == "model_type":
        keys = ", ".join(_known_keys(params, problem["loc"]))
        return f"{key}: found {_shown(problem['input'])}; should be a section with the keys {keys}"
    allowed = problem["msg"].removeprefix("Value error, ").replace("Input should", "should", 1)
    found = problem["input"]
    if isinstance(found, dict):
        return f"{key}: {allowed}"
    return f"{key}: found {_shown(found)}; {allowed}"


def _shown(value: object) -> str:
    try:
        return repr(value)
    except ValueError:  # Python writes no integer of thousands of digits
        return "a very long number"


def _known_keys(params: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """The keys of the section at this place, given by the names of sections."""
    for name in place:
        annotation = params.model_fields[str(name)].annotation
        assert isinstance(annotation, type)
        assert issubclass(annotation, BaseModel)
        params = annotation
    return list(params.model_fields)
