"""Texts of the sources and of a .po file, read without gettext's programs."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
PO = ROOT / "locale/fr/LC_MESSAGES/django.po"
MO = PO.with_suffix(".mo")

_SINGLE = frozenset({"_", "gettext", "gettext_lazy", "gettext_noop"})
_PLURAL = frozenset({"ngettext", "ngettext_lazy"})
# What Django makes of a template for gettext's programs: the first argument of each call.
_IN_TEMPLATE = re.compile(r"""gettext\((u'(?:\\.|[^'\\])*'|u"(?:\\.|[^"\\])*")""")
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


@dataclass(frozen=True)
class Entry:
    """One text of the catalogue: `plural` is empty for texts without one."""

    text: str
    plural: str
    translations: tuple[str, ...]


def texts_in_sources() -> dict[str, str]:
    """Every text that sellers' pages and templates hand to gettext, with the file it stands in."""
    found = {}
    for path in sorted((ROOT / "vocdash/pages").rglob("*.py")):
        found.update(dict.fromkeys(_texts(path.read_text(encoding="utf-8")), path.name))
    for path in sorted((ROOT / "templates").rglob("*.html")):
        if path.is_relative_to(ROOT / "templates/admin"):
            continue  # operators work in English
        for literal in _IN_TEMPLATE.findall(templatize(path.read_text(encoding="utf-8"))):
            found[ast.literal_eval(literal)] = path.name
    return found


def _texts(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in _SINGLE | _PLURAL and isinstance(node.args[0], ast.Constant):
            yield str(node.args[0].value)


def read_po(path: Path = PO) -> dict[str, Entry]:
    """The entries of a .po file by their text."""
    entries = {}
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        fields: dict[str, str] = {}
        current = ""
        for line in block.splitlines():
            if match := re.match(r"(msgid_plural|msgid|msgstr(?:\[\d\])?) (\".*\")$", line):
                current = match[1]
                fields[current] = ast.literal_eval(match[2])
            elif line.startswith('"'):
                fields[current] += ast.literal_eval(line)
        if fields.get("msgid"):
            translations = tuple(value for name, value in sorted(fields.items()) if name.startswith("msgstr"))
            entries[fields["msgid"]] = Entry(fields["msgid"], fields.get("msgid_plural", ""), translations)
    return entries


def placeholders(text: str) -> set[str]:
    """The names of the values that a text takes."""
    return set(_PLACEHOLDER.findall(text))
