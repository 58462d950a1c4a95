"""Reading pages as a browser would: elements, their text, their links and forms."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

_VOID: Final = frozenset({"br", "col", "hr", "img", "input", "link", "meta"})
_SILENT: Final = frozenset({"script", "style", "title"})
# Read a thousand times over, where reading the whole page would take most of the time.
_SKU: Final = re.compile(r'<td role="cell" class="td-prod">.*?<div class="meta"><span>(.*?)</span>')
_FOLLOWING: Final = re.compile(r'<a href="\?([^"]*)" aria-label="Next page">')


@dataclass
class Element:
    """An element with its attributes and what is inside it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: "list[Element | str]" = field(default_factory=list)

    @property
    def text(self) -> str:
        """Everything that is read out, with single spaces."""
        return " ".join(" ".join(self._texts()).split())

    def _texts(self) -> Iterator[str]:
        for part in self.inside:
            if isinstance(part, str):
                yield part
            elif part.tag not in _SILENT:
                yield from part._texts()

    def all(self, tag: str = "", css_class: str = "", **attributes: str) -> "list[Element]":
        """The elements below with this tag, class and attributes, in their order."""
        return [found for found in self._below() if found.is_a(tag, css_class, attributes)]

    def one(self, tag: str = "", css_class: str = "", **attributes: str) -> "Element":
        """The only such element."""
        found = self.all(tag, css_class, **attributes)
        assert len(found) == 1, f"{len(found)} of <{tag} class={css_class} {attributes}>"
        return found[0]

    def is_a(self, tag: str, css_class: str, attributes: dict[str, str]) -> bool:
        """Whether it has this tag, class and attributes, where they are given."""
        return (
            tag in {"", self.tag}
            and (not css_class or css_class in self.attributes.get("class", "").split())
            and all(self.attributes.get(name) == value for name, value in attributes.items())
        )

    def _below(self) -> "Iterator[Element]":
        for part in self.inside:
            if isinstance(part, Element):
                yield part
                yield from part._below()


class _Builder(HTMLParser):
    """Builds elements; fails where a tag is closed that is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Element("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].inside.append(made)
        if tag not in _VOID:
            self._open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].inside.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        opened = self._open.pop()
        assert opened.tag == tag, f"</{tag}> closes <{opened.tag}>"

    def handle_data(self, data: str) -> None:
        self._open[-1].inside.append(data)

    def done(self) -> Element:
        """The whole page; every element must be closed."""
        self.close()
        assert self._open == [self.root], [element.tag for element in self._open]
        return self.root


@dataclass(frozen=True)
class TileRead:
    """A tile as it is read: label, count, where it leads, whether it is chosen."""

    label: str
    count: int
    address: str
    chosen: bool


class DashboardRead:
    """The dashboard, or the part of it that htmx gets."""

    def __init__(self, answer: Any) -> None:
        assert answer.status_code == 200, answer.status_code
        self.html = answer.content.decode()

    @cached_property
    def root(self) -> Element:
        """The whole of it; reading it fails where it is not well-formed."""
        return of_html(self.html)

    @property
    def rows(self) -> list[Element]:
        """The rows of the grid."""
        return [row for body in self.root.all("tbody") for row in body.all("tr")]

    @property
    def skus(self) -> list[str]:
        """Their SKUs."""
        return [unescape(sku) for sku in _SKU.findall(self.html)]

    @property
    def following(self) -> str | None:
        """What the link to the next page asks for."""
        found = _FOLLOWING.search(self.html)
        return unescape(found[1]) if found else None

    def row(self, sku: str) -> Element:
        """The row of this SKU."""
        return next(row for row in self.rows if sku_of(row) == sku)

    def cell(self, sku: str, name: str) -> str:
        """What the cell td-NAME of this SKU's row says."""
        return self.row(sku).one("td", f"td-{name}").text

    @property
    def tiles(self) -> dict[str, TileRead]:
        """The tiles by their labels."""
        section = self.root.one("section", "tiles")
        found = {}
        for link in section.all("a"):
            number = (link.all("span", "big") or link.all("b"))[0].text
            label = (link.all("span", "lab") or link.all("span"))[0].text
            chosen = link.attributes.get("aria-current") == "true"
            found[label] = TileRead(label, int(number.replace(",", "")), link.attributes["href"], chosen)
        return found

    def head(self, label: str) -> Element:
        """The column head that begins with this label."""
        return next(head for head in self.root.all("th") if head.text.startswith(label))

    @property
    def chips(self) -> dict[str, str]:
        """The active filters and where removing them leads."""
        links = self.root.one("div", "chips").all("a", "chip")
        return {link.text.removeprefix("Remove filter: "): link.attributes["href"] for link in links}

    def menu(self, label: str) -> Element:
        """The filter menu with this label."""
        menus = self.root.all("details", "f")
        return next(menu for menu in menus if menu.all("legend") and menu.one("legend").text == label)

    @property
    def total(self) -> str:
        """How many offers there are, in words."""
        return self.root.one("div", "chips").all("span", role="status")[0].text


def dashboard(answer: Any) -> DashboardRead:
    """Read an answer of the dashboard."""
    return DashboardRead(answer)


def page(answer: Any) -> Element:
    """Read any other page."""
    return of_html(answer.content.decode())


def of_html(html: str) -> Element:
    """Read any markup."""
    builder = _Builder()
    builder.feed(html)
    return builder.done()


def sku_of(row: Element) -> str:
    """The SKU in a row's first cell."""
    return row.one("td", "td-prod").all("div", "meta")[0].all("span")[0].text


def asked(address: str) -> dict[str, list[str]]:
    """What an address asks for: its parameters."""
    return parse_qs(urlsplit(address).query, keep_blank_values=True)
