"""The help pages: what each is called, what stands in it, and how they lead to each other (PRODUCT A1).

A page's headings are listed here and nowhere else: its contents and its text both take them from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from health.candidates import AT_RISK_NIGHTS
from offers.members import VALID_DAYS
from vocdash.pages.help_example import worked_example
from vocdash.pages.help_numbers import days, formulas_of, levels_of, nights, numbers_of
from vocdash.pages.help_place import Applies, read_applies


@dataclass(frozen=True, slots=True)
class Spec:
    """A help page. `heads` are its headings by their anchors; `by_policy`: it differs by marketplace."""

    name: str
    title: str | Promise
    lead: str | Promise
    heads: Mapping[str, str | Promise]
    by_policy: bool = False

    @property
    def template(self) -> str:
        """Its template."""
        return f"help/{self.name.removeprefix('help-').replace('-', '_')}.html"

    @property
    def key(self) -> str:
        """Its name as templates can write it."""
        return self.name.replace("-", "_")


ACCOUNT: Final = ("account", _("What it never does"))

SPECS: Final = (
    Spec(
        "help-voice-of-the-customer",
        _("Voice of the Customer"),
        _("See how customers experience each of your offers compared with similar offers, and why."),
        dict(
            (
                ("what", _("What it is for")),
                ("dashboard", _("What the dashboard shows")),
                ("words", _("Words on tiles and filters")),
                ("night", _("When the numbers are computed")),
                ("roles", _("Who may do what")),
                ACCOUNT,
            )
        ),
        by_policy=True,
    ),
    Spec(
        "help-cx-health",
        _("How CX health is determined"),
        _("The whole rule, with every number that is in force, and an example to follow."),
        dict(
            (
                ("short", _("In short")),
                ("counted", _("What is counted")),
                ("similar", _("What it is compared with")),
                ("chance", _("Allowing for chance")),
                ("levels", _("The levels")),
                ("change", _("When a level changes")),
                ("closing", _("When an offer is closed")),
                ("relist", _("After you relist")),
                ("example", _("An example, step by step")),
                ("letters", _("The rule in letters")),
                ACCOUNT,
            )
        ),
        by_policy=True,
    ),
    Spec(
        "help-ncx-notifications",
        _("NCX notifications"),
        _("What you are told, when, and what to do about it."),
        dict(
            (
                ("kinds", _("What you are told")),
                ("closed", _("When an offer was closed")),
                ("email", _("By e-mail")),
                ("error", _("When a closure was an error")),
                ACCOUNT,
            )
        ),
        by_policy=True,
    ),
    Spec(
        "help-resolve",
        _("Resolve your CX health issues"),
        _("Three steps from a closed offer to an open one. You relist it yourself: nobody has to approve."),
        dict(
            (
                ("where", _("Where to begin")),
                ("steps", _("The three steps")),
                ("after", _("What happens then")),
                ("questions", _("Questions")),
                ACCOUNT,
            )
        ),
        by_policy=True,
    ),
    Spec(
        "help-accessibility",
        _("Accessibility"),
        _("This site is made to be used by everybody, with any device and any assistive technology."),
        {
            "made": _("What was done"),
            "checked": _("What was checked"),
            "limits": _("What we know is missing"),
            "tell": _("Tell us"),
        },
    ),
    Spec(
        "help-shortcuts",
        _("Keyboard shortcuts"),
        _("Everything works with the keyboard alone. These keys save you some steps."),
        {"keys": _("Keys"), "off": _("Turn them off")},
    ),
    Spec(
        "support",
        _("Support"),
        _("Who helps when these pages don't."),
        {"first": _("Before you write"), "contact": _("How to reach us"), "tell": _("What to write")},
    ),
    Spec(
        "start-selling",
        _("Start selling"),
        _("How a shop gets in here, and what it has on the first day."),
        {"how": _("How it goes"), "need": _("What you need"), "then": _("On the first day")},
    ),
)
BY_NAME: Final = {spec.name: spec for spec in SPECS}


@dataclass(frozen=True, slots=True)
class Way:
    """A link to a help page."""

    title: str | Promise
    lead: str | Promise
    address: str


@dataclass(frozen=True, slots=True)
class HelpPage:
    """A help page as its template takes it. `to` are the addresses of all pages, by their keys."""

    spec: Spec | None
    applies: Applies
    ways: list[Way]
    to: Mapping[str, str]
    contact: str


def build_page(request: HttpRequest, name: str) -> tuple[HelpPage, dict[str, object]]:
    """The page and what its text needs besides. Http404 for a marketplace that does not exist."""
    spec, applies = BY_NAME[name], read_applies(request)
    others = [other for other in SPECS if other is not spec]
    page = HelpPage(spec, applies, _ways(others, applies), _to(applies), settings.SUPPORT_EMAIL)
    return page, _texts(spec, applies)


def build_centre(request: HttpRequest) -> HelpPage:
    """The help centre: every page, for one marketplace."""
    applies = read_applies(request)
    return HelpPage(None, applies, _ways(list(SPECS), applies), _to(applies), settings.SUPPORT_EMAIL)


def _texts(spec: Spec, applies: Applies) -> dict[str, object]:
    if spec.name == "start-selling":
        return {"valid": days(VALID_DAYS)}
    if not spec.by_policy:
        return {}
    texts: dict[str, object] = {"numbers": numbers_of(applies.policy), "policy": applies.policy}
    if spec.name == "help-ncx-notifications":
        texts["risk"] = nights(AT_RISK_NIGHTS)
    if spec.name == "help-cx-health":
        texts |= {
            "levels": levels_of(applies.policy),
            "formulas": formulas_of(applies.policy),
            "example": worked_example(applies.policy),
        }
    return texts


def _ways(specs: list[Spec], applies: Applies) -> list[Way]:
    return [Way(spec.title, spec.lead, _address(spec, applies)) for spec in specs]


def _to(applies: Applies) -> dict[str, str]:
    return {spec.key: _address(spec, applies) for spec in SPECS}


def _address(spec: Spec, applies: Applies) -> str:
    return reverse(spec.name) + (applies.query if spec.by_policy else "")
