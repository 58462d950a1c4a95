"""What stands around every page: navigation, account, help, footer, theme.

Only pages that exist are linked: an entry names a URL pattern, and one that does not resolve is left out, so
that a page appears everywhere once its address is added. Pieces that are the same for everybody are rendered
once per language and kept, because they are part of every page.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from vocdash.pages.phrases import account_untouched

THEME_COOKIE: Final = "theme"
THEMES: Final = frozenset({"light", "dark"})
KEYS_COOKIE: Final = "keys"
KEYS_OFF: Final = "off"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the signed-in person stands. Whoever finds it out puts it on the request as `request.place`.

    `marketplace` is empty for all marketplaces together. `reading_only` marks an operator on a seller's page.
    """

    seller: str
    marketplace: str = ""
    unread: int = 0
    policy: str = ""
    reading_only: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A link by the name of its URL pattern. `within` names the patterns of pages that belong to it."""

    name: str
    label: str | Promise
    within: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Link:
    """An entry whose page exists."""

    name: str
    label: str | Promise
    address: str
    within: frozenset[str]


MAIN: Final = (
    Entry(
        "dashboard",
        _("Voice of the Customer"),
        frozenset(
            {"offer", "resolve-review", "resolve-fix", "resolve-confirm", "resolve-done", "offer-edit"}
        ),
    ),
    Entry("insights", _("Insights")),
    Entry("inventory", _("Manage Inventory"), frozenset({"listing-delete"})),
    Entry("removals", _("Removal orders"), frozenset({"removal", "removal-new", "removal-cancel"})),
    Entry("notifications", _("Notifications"), frozenset({"notification"})),
)
OPERATOR: Final = (
    Entry("ops-policy", _("Health policy")),
    Entry("ops-imports", _("Data imports")),
    Entry("ops-runs", _("Recompute log")),
    Entry("admin:index", _("Administration")),
)
SETTINGS: Final = (
    Entry("settings-account", _("Account")),
    Entry("settings-appearance", _("Appearance")),
    Entry("settings-notifications", _("Notification settings")),
    Entry("settings-members", _("Members")),
)
ACCOUNT: Final = (Entry("switch", _("Switch seller or marketplace")), *SETTINGS)
HELP: Final = (
    Entry("help", _("Help centre")),
    Entry("help-voice-of-the-customer", _("About Voice of the Customer")),
    Entry("help-cx-health", _("How CX health is determined")),
    Entry("help-ncx-notifications", _("NCX notifications")),
    Entry("help-resolve", _("Resolve your CX health issues")),
    Entry("help-accessibility", _("Accessibility")),
    Entry("help-shortcuts", _("Keyboard shortcuts")),
    Entry("support", _("Support")),
)
SIGNED_OUT: Final = (Entry("login", _("Sign in")), Entry("start-selling", _("Start selling")))


def shell(request: HttpRequest) -> dict[str, "Shell"]:
    """Context processor: `shell` for base.html. Costs nothing until a template asks."""
    return {"shell": Shell(request)}


class Shell:
    """What base.html needs to know of a request."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def language(self) -> str:
        """The language of the page."""
        return get_language() or settings.LANGUAGE_CODE

    @property
    def theme(self) -> str:
        """The theme that was chosen, "" to follow the device."""
        chosen = self.request.COOKIES.get(THEME_COOKIE, "")
        return chosen if chosen in THEMES else ""

    @property
    def keys_off(self) -> bool:
        """Whether single keys must do nothing (WCAG 2.1.4)."""
        return self.request.COOKIES.get(KEYS_COOKIE) == KEYS_OFF

    @property
    def settings_pages(self) -> tuple["Link", ...]:
        """The pages of settings, which link each other."""
        return links(SETTINGS)

    @cached_property
    def signed_in(self) -> bool:
        """Whether somebody is signed in."""
        user = getattr(self.request, "user", None)
        return user is not None and user.is_authenticated

    @cached_property
    def staff(self) -> bool:
        """Whether an operator is signed in."""
        return self.signed_in and bool(self.request.user.is_staff)

    @property
    def place(self) -> Place | None:
        """The seller and marketplace, where the view knows them."""
        return getattr(self.request, "place", None)

    @property
    def page(self) -> str:
        """The name of the URL pattern that answers."""
        match = self.request.resolver_match
        return match.view_name if match else ""

    @cached_property
    def key(self) -> tuple[str, str, str]:
        """What kept pieces depend on besides what they show: language and addresses."""
        return here()

    @property
    def head(self) -> SafeString:
        """Style sheet, icon, script."""
        return _piece("components/head.html", self.key)

    @property
    def bar(self) -> SafeString:
        """The bar on top: navigation, account, help, inbox."""
        return (_bar if settings.DEBUG else _kept_bar)(self.key, self.page, self.visitor)

    @cached_property
    def visitor(self) -> "Visitor":
        """For whom the bar is."""
        name = "" if self.place or not self.signed_in else self.request.user.get_username()
        return Visitor(self.signed_in, self.staff, name, self.place)

    @property
    def frame(self) -> Hashable:
        """All that base.html depends on besides the content of a page, messages and the token of its form."""
        return self.key, self.page, self.visitor, self.theme, self.keys_off

    @property
    def foot(self) -> SafeString:
        """The links at the foot."""
        return _piece("components/foot.html", self.key, signed_in=self.signed_in)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whom the bar is for."""

    signed_in: bool
    staff: bool
    name: str
    place: Place | None


def here() -> tuple[str, str, str]:
    """Language, URL configuration and script prefix: kept pieces of pages are told apart by these."""
    return (
        get_language() or settings.LANGUAGE_CODE,
        str(get_urlconf() or settings.ROOT_URLCONF),
        get_script_prefix(),
    )


@lru_cache(maxsize=1024)
def _kept_bar(key: tuple[str, str, str], page: str, visitor: Visitor) -> SafeString:
    return _bar(key, page, visitor)


def _bar(key: tuple[str, str, str], page: str, visitor: Visitor) -> SafeString:
    nav = SafeString("")
    if visitor.signed_in:
        nav = _piece("components/nav.html", key, page, staff=visitor.staff)
    context = {
        "home": next((link.address for link in links(MAIN)), key[2]),
        "nav": nav,
        "menu": _piece("components/menu.html", key, page, staff=visitor.staff),
        "account": _piece("components/account.html", key),
        "help_page": next(iter(links(HELP)), None),
        "inbox": next((link for link in links(MAIN) if link.name == "notifications"), None),
        "unread": visitor.place.unread if visitor.place else 0,
        "place": visitor.place,
        "name": visitor.name,
        "signed_in": visitor.signed_in,
        "page": page,
    }
    return render_to_string("components/bar.html", context)


def links(entries: tuple[Entry, ...]) -> tuple[Link, ...]:
    """Those of `entries` whose pages exist."""
    return _links(entries, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())


@lru_cache(maxsize=64)
def _links(entries: tuple[Entry, ...], urlconf: str, prefix: str) -> tuple[Link, ...]:
    del prefix  # reverse() looks it up; here it only tells the cached answers apart
    found = []
    for entry in entries:
        address = address_of(entry.name, urlconf=urlconf)
        if address:
            found.append(Link(entry.name, entry.label, address, entry.within))
    return tuple(found)


def address_of(name: str, *args: object, urlconf: str | None = None) -> str:
    """The address of a URL pattern, "" where there is no such page."""
    try:
        return reverse(name, urlconf=urlconf, args=args)
    except NoReverseMatch:
        return ""


def address_pattern(name: str) -> str:
    """The address of a URL pattern with one whole number in it, %d in the number's place; "" for no page."""
    stand_in = 987654321
    return address_of(name, stand_in).replace("%", "%%").replace(str(stand_in), "%d")


class _Piece(NamedTuple):
    """What tells rendered pieces of the frame apart; `key` as `here` gives it."""

    template: str
    key: tuple[str, str, str]
    page: str
    choices: tuple[tuple[str, bool], ...]


def _piece(template: str, key: tuple[str, str, str], page: str = "", **choices: bool) -> SafeString:
    """A piece of the frame, kept unless templates are being worked on."""
    piece = _Piece(template, key, page, tuple(choices.items()))
    return _render(piece) if settings.DEBUG else _kept(piece)


@lru_cache(maxsize=512)
def _kept(piece: _Piece) -> SafeString:
    return _render(piece)


def _render(piece: _Piece) -> SafeString:
    """Render a piece; its language and URLs are the active ones."""
    context: Mapping[str, object] = {
        "main": [(link, _current(link, piece.page)) for link in links(MAIN)],
        "operator": [(link, _current(link, piece.page)) for link in links(OPERATOR)],
        "account": links(ACCOUNT),
        "help": links(HELP),
        "signed_out": links(SIGNED_OUT),
        "account_untouched": account_untouched(),
        **dict(piece.choices),
    }
    return render_to_string(piece.template, context)


def _current(link: Link, page: str) -> str:
    """The value of aria-current: the page itself, a page within, or none."""
    if link.name == page:
        return "page"
    return "true" if page in link.within else ""
