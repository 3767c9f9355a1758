"""Parameter files in YAML or JSON."""

import json
import re
from pathlib import Path

import yaml

# A parameter file takes a page or two; this stops a wrong file from being parsed for minutes.
MAX_BYTES = 1_000_000


INT, FLOAT = "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"


class _Loader(yaml.SafeLoader):
    """Plain values only, each key once, and the numbers of YAML 1.2, which PyRadiomics reads.

    In YAML 1.1, 1e-3 is a text, 010 is eight and 1:10 is seventy.
    """

    def compose_mapping_node(self, anchor):
        node, known = super().compose_mapping_node(anchor), set()
        for key, _ in node.value:
            if str(key.value) in known:
                raise yaml.MarkedYAMLError(None, None, f"the key {key.value!r} stands there twice", key.start_mark)
            known.add(str(key.value))
        return node

    def construct_yaml_int(self, node):
        return int(node.value, 0 if node.value[:2] in ("0x", "0o") else 10)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in (INT, FLOAT)]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_constructor(INT, _Loader.construct_yaml_int)
_Loader.add_implicit_resolver(INT, re.compile(r"^([-+]?\d[\d_]*|0o[0-7]+|0x[\da-fA-F]+)$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    FLOAT,
    re.compile(r"^([-+]?(\d[\d_]*\.?\d*|\.\d+)([eE][-+]?\d+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$"),
    list("-+.0123456789"),
)


def read_yaml(path):
    """Content of a file.

    Parameters
    ----------
    path : path
        JSON where it ends with ``.json``; most of JSON is YAML, but not where it is indented with tabs.

    Returns
    -------
    content : dict, list, str, number or None

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is neither YAML nor JSON, or too large for a file of parameters.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"the parameter file {str(path)!r} does not exist; check the path")
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"{path.name} has more than {MAX_BYTES:,} bytes, too large for a parameter file")
    try:
        text = path.read_text(encoding="utf-8-sig")
        content = json.loads(text) if path.suffix.lower() == ".json" else yaml.load(text, _Loader)  # noqa: S506 - it is safe
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(f"{path.name} is neither YAML nor JSON: {error}") from None
    if _printed_size(content, {}) > MAX_BYTES:
        raise ValueError(f"{path.name} repeats its values by aliases (*), far beyond the size of a parameter file")
    return content


def _printed_size(value, known):
    """About as many characters as a value would be printed with; what is repeated counts each time."""
    if isinstance(value, str):
        return len(value)
    if id(value) not in known:
        known[id(value)] = 1  # within itself, too
        parts = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
        known[id(value)] += sum(_printed_size(part, known) for part in parts)
    return known[id(value)]
