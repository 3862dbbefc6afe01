"""From a YAML 1.2 file to a checked object, or to one error that lists every breach.

Only plain data is read: text, numbers, true and false, lists and blocks. Object tags,
duplicate keys, merge keys and other YAML versions are refused; repeated anchors are
expanded within a bound. Positions are kept, so a complaint names file and line.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.files import PathLike, label_of, read_text
from kinerja_sim.know.messages import Location, complain, path_of, printable, sentence, show

M = TypeVar("M", bound=BaseModel)
MAX_VALUES = 50_000  # after anchors are expanded
MAX_DEPTH = 40
_CORE = "tag:yaml.org,2002:"
_TEXT_TAGS = {_CORE + t for t in ("str", "timestamp", "value")}  # YAML 1.2 knows no dates: they stay text
_SCALAR_TAGS = {_CORE + t for t in ("int", "float", "bool", "null")}


@dataclass(frozen=True)
class Document:
    """The plain data of one YAML file, and the line on which each value starts."""

    label: str
    data: dict[str, Any]
    lines: Mapping[Location, int]

    def line(self, location: Location) -> int:
        """Return the line of `location`, or of the nearest block above it; 0 for the file itself."""
        return next((self.lines[location[:n]] for n in range(len(location), 0, -1) if location[:n] in self.lines), 0)

    def where(self, location: Location) -> str:
        """Return 'in <file> line <n>'."""
        line = self.line(location)
        return f"in {self.label} line {line}" if line else f"in {self.label}"


def load_model(path: PathLike, model: type[M]) -> M:
    """Return the object of class `model` that a YAML file describes.

    Raises
    ------
    InputError
        If the file cannot be read or breaks a rule; the message has one line for every
        breach, with file, line, rule, value and remedy.
    """
    return validate_document(model, read_yaml(path))


def validate_document(model: type[M], document: Document) -> M:
    """Return `model` made from a document, or raise `InputError` with a line for every breach."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise complain(model, error, document.where, document.line) from None


def validate_mapping(model: type[M], data: Mapping[str, Any], where: str) -> M:
    """Return `model` made from a Python mapping under the rules of a file.

    Parameters
    ----------
    model : class to make
    data : keys and values; values may be models, lists, tuples or numpy numbers
    where : words that complete a complaint, such as "in replace() of policy 'baseline'"

    Raises
    ------
    InputError
        If a key is unknown or a value breaks a rule.
    """
    try:
        return model.model_validate(_plain(data, where))
    except ValidationError as error:
        raise complain(model, error, lambda _: where, lambda _: 0) from None


def replaced(model: M, changes: Mapping[str, Any], where: str) -> M:
    """Return a checked copy of `model` with `changes`; `block__key` reaches into a block.

    Blocks that are absent are made; names that do not exist are left for validation to refuse.
    """
    data = model.model_dump(mode="python")
    for key, value in changes.items():
        block, *path = [data, *key.split("__")]
        for step in path[:-1]:
            if not isinstance(block.get(step), dict):
                block[step] = {}
            else:
                block[step] = dict(block[step])
            block = block[step]
        block[path[-1]] = value
    return validate_mapping(type(model), data, where)


def read_yaml(path: PathLike) -> Document:
    """Return the plain data of a YAML file with its positions."""
    return parse_yaml(read_text(path), label_of(path))


@lru_cache(maxsize=128)  # by content, so never out of date; nobody changes a document
def parse_yaml(text: str, label: str) -> Document:
    """Return the plain data of YAML 1.2 `text`; `label` names it in complaints."""
    first = next((s for line in text.splitlines() if (s := line.strip()) and not s.startswith("#")), "")
    if first.startswith("%YAML") and first.split("#")[0].split()[1:2] != ["1.2"]:
        remedy = "Remove the %YAML line."
        raise InputError(sentence(label, "be YAML 1.2", show(first), f"in {label}", remedy))
    yaml = YAML(typ="safe", pure=True)
    with warnings.catch_warnings():  # ruamel warns of an anchor that is set twice, which is allowed
        warnings.simplefilter("ignore")
        try:
            root = yaml.compose(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            where = f"in {label} line {mark.line + 1} column {mark.column + 1}" if mark else f"in {label}"
            parts = (error.context, error.problem) if str(error.problem).startswith("but") else (error.problem,)
            raise InputError(_unreadable(label, ", ".join(filter(None, parts)), where)) from None
        except RecursionError:
            raise InputError(_unreadable(label, "blocks nested too deeply", f"in {label}")) from None
        except Exception as error:  # malformed text makes ruamel raise many kinds; none may reach the user
            got = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise InputError(_unreadable(label, got, f"in {label}")) from None
    if root is None:
        raise InputError(sentence(label, "hold `key: value` lines", "an empty file"))
    if not isinstance(root, MappingNode):
        got = "a list" if isinstance(root, SequenceNode) else "a single value"
        raise InputError(sentence(label, "hold `key: value` lines", got, f"in {label} line {root.start_mark.line + 1}"))
    builder = _Builder(yaml, label)
    data = builder.build(root, ())
    return Document(label, data, builder.lines)


def _unreadable(label: str, got: str, where: str) -> str:
    remedy = "Indent with spaces." if "\\t" in got else "Check indentation, quotes and colons."
    return sentence(label, "be readable YAML 1.2", f"an error ({printable(got)})", where, remedy)


class _Builder:
    """Turns composed nodes into plain data while it notes lines and counts values."""

    def __init__(self, yaml: YAML, label: str) -> None:
        self.yaml, self.label = yaml, label
        self.lines: dict[Location, int] = {}
        self.count = 0

    def build(self, node: Node, path: Location) -> Any:
        """Return the plain value of `node`, which sits at `path`."""
        self.count += 1
        line = node.start_mark.line + 1
        if self.count > MAX_VALUES or len(path) > MAX_DEPTH:
            rule = f"hold at most {MAX_VALUES} values in {MAX_DEPTH} levels, anchors expanded"
            raise self.refuse(self.label, rule, "more", line, "Write shared values once, or split the file.")
        self.lines.setdefault(path, line)
        if isinstance(node, MappingNode) and node.tag == _CORE + "map":
            return self.block(node, path)
        if isinstance(node, SequenceNode) and node.tag == _CORE + "seq":
            return tuple(self.build(item, (*path, i)) for i, item in enumerate(node.value))
        if isinstance(node, ScalarNode) and node.tag in _TEXT_TAGS:
            return node.value
        if isinstance(node, ScalarNode) and node.tag in _SCALAR_TAGS:
            try:
                return self.yaml.constructor.construct_object(node)
            except Exception:  # such as an integer of thousands of digits, or `!!float x`
                raise self.refuse(path_of(path), "be a plain value", show(node.value), line) from None
        tag = str(node.tag).replace(_CORE, "!!")
        raise self.refuse(
            path_of(path) or self.label, "be plain text, a number, a list or a block", f"the tag {printable(tag)}",
            line, "Remove the tag.",
        )  # fmt: skip

    def block(self, node: MappingNode, path: Location) -> dict[str, Any]:
        """Return the dict of a mapping node; keys are text and each occurs once."""
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode) or key_node.tag not in _TEXT_TAGS:
                got = show(key_node.value) if isinstance(key_node, ScalarNode) else "a list or block"
                name = path_of(path) or self.label
                remedy = "Write the keys out." if got == "'<<'" else "Put the key in quotes."
                raise self.refuse(name, "have text as its keys", got, line, remedy)
            key = key_node.value
            here = (*path, key)
            if key in data:
                got = f"it again after line {self.lines[here]}"
                raise self.refuse(path_of(here), "be given once", got, line, "Remove one of the two.")
            self.lines[here] = line
            data[key] = self.build(value_node, here)
        return data

    def refuse(self, name: str, rule: str, got: str, line: int, remedy: str = "") -> InputError:
        return InputError(sentence(name, rule, got, f"in {self.label} line {line}", remedy))


def _plain(value: Any, where: str, depth: int = 0) -> Any:
    """Return `value` as dicts, tuples and Python scalars, the shapes that a file gives."""
    if depth > MAX_DEPTH:
        raise InputError(sentence("value", f"nest at most {MAX_DEPTH} levels", "more", where))
    if isinstance(value, BaseModel):
        return _plain(value.model_dump(mode="python"), where, depth)
    if hasattr(value, "tolist"):  # numpy scalars and arrays, without importing numpy
        return _plain(value.tolist(), where, depth)
    if isinstance(value, Mapping):
        return {k: _plain(v, where, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_plain(v, where, depth + 1) for v in value)
    return value
