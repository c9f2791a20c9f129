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
        _count_nodes(node, {})
        return node


def _count_nodes(node: Any, counts: dict[yaml.Node, int]) -> int:
    """Counts a node and all nodes below it; those of an alias each time that it is used.

    Args:
        node: the node, or a pair of nodes.
        counts: the counts so far; 0 while the nodes below a node are counted.

    Raises:
        ComposerError: there are too many, a node is in itself, or a key is there twice.
    """
    if isinstance(node, tuple):
        return sum(_count_nodes(part, counts) for part in node)
    if not isinstance(node, yaml.CollectionNode):
        return 1
    problem = ""
    if node not in counts:
        counts[node] = 0
        counts[node] = 1 + sum(_count_nodes(part, counts) for part in node.value)
        if twice := _key_that_is_twice(node):
            problem = f"the key {twice} is there twice"
        elif counts[node] > MOST_NODES:
            problem = f"more than {MOST_NODES:,} values, with aliases written out"
    elif not counts[node]:
        problem = "an alias within itself"
    if problem:
        raise ComposerError(problem=problem, problem_mark=node.start_mark)
    return counts[node]


def _key_that_is_twice(node: yaml.CollectionNode) -> str | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    names = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
    return next((name for name, count in names.items() if count > 1), None)


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
