"""Parameter files in YAML or JSON."""

import json
import re
from pathlib import Path

import yaml

# A parameter file takes a page or two; this stops a wrong file from being parsed for minutes.
MAX_BYTES = 1_000_000


class _Loader(yaml.SafeLoader):
    """Plain values only, with numbers such as 1e-3, which YAML 1.1 takes for text."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"), list("-+.0123456789")
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
        return json.loads(text) if path.suffix.lower() == ".json" else yaml.load(text, _Loader)  # noqa: S506 - it is safe
    except (yaml.YAMLError, json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{path.name} is neither YAML nor JSON: {error}") from None
