"""Reads YAML as DVC writes it, and refuses what would be read as something else."""

import re
from collections import Counter
from typing import Any

import yaml
from yaml.composer import ComposerError

MOST_NODES = 10_000  # of params.yaml, with all aliases written out; ours has 129


class YamlLoader(yaml.SafeLoader):
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
YamlLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _BOOL]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
YamlLoader.add_implicit_resolver(
    _BOOL, re.compile("^(true|True|TRUE|false|False|FALSE)$"), [*"tTfF"]
)
YamlLoader.add_implicit_resolver(
    _FLOAT,
    re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+$"),
    [*"-+.0123456789"],
)
