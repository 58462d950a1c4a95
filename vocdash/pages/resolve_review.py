"""Step 1 of Resolve issue: reading what customers reported, theme by theme (UX 5c)."""

from dataclasses import dataclass, field
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import get_language, gettext, ngettext

from health.themes import DECIDED, FOREIGN, Themes, read_themes
from offers.models import ListingRevision
from vocdash.pages.formats import locale
from vocdash.pages.listing_form import Problem
from vocdash.pages.resolve_flow import Flow, Head, Step, build_head
from vocdash.pages.resolve_patterns import Patterns, build_patterns
from vocdash.pages.resolve_themes import CAUSES, ThemeView, theme_name, theme_views


@dataclass(frozen=True, slots=True)
class Review:
    """What was sent: the cause by key of each theme that was ticked, "" for none chosen."""

    ticked: dict[str, str]

    def missing(self, themes: Themes) -> list[Problem]:
        """A problem for each theme that was not ticked."""
        words = gettext("Tick “I've read these comments” for: %(theme)s")
        return [
            Problem(f"read-{number}", words % {"theme": theme_name(theme)})
            for number, theme in enumerate(themes.themes, start=1)
            if theme.key not in self.ticked
        ]

    def as_saved(self, themes: Themes) -> list[dict[str, Any]]:
        """The themes as the draft keeps them."""
        return [
            {"key": theme.key, "orders": theme.orders, "cause": self.ticked.get(theme.key, "")}
            for theme in themes.themes
        ]


def read_review(post: QueryDict) -> Review:
    """The ticks and causes of a form. A theme is named by its key, its cause by the same number."""
    ticked = set(post.getlist("read"))
    causes = dict(zip(post.getlist("theme"), post.getlist("cause"), strict=False))
    return Review({key: causes.get(key, "") if causes.get(key) in CAUSES else "" for key in ticked})


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """The page. `acts`: whether this person can go on; an operator reads only."""

    head: Head
    acts: bool
    summary: str
    themes: list[ThemeView]
    patterns: Patterns
    not_counted: list[str]
    problems: list[Problem] = field(default_factory=list)


def build_review(
    flow: Flow, themes: Themes, sent: Review | None = None, problems: list[Problem] | None = None
) -> ReviewPage:
    """The page as it was saved, or as it was sent."""
    reviewed = bool(flow.case and flow.case.reviewed_at)
    saved = {theme["key"]: theme.get("cause", "") for theme in flow.case.themes} if flow.case else {}
    ticked = sent.ticked if sent else saved if reviewed else {}
    revisions = list(ListingRevision.objects.filter(offer=flow.offer).order_by("number"))
    return ReviewPage(
        head=build_head(flow, Step.REVIEW),
        acts=flow.may_act,
        summary=_summary(themes),
        themes=theme_views(flow.offer, themes, ticked),
        patterns=build_patterns(flow.offer, *themes.window, revisions),
        not_counted=_not_counted(themes),
        problems=problems or [],
    )


def themes_of(flow: Flow) -> Themes:
    """What customers reported: behind the closure, or in the window of today."""
    return read_themes(flow.offer, flow.closure)


def _summary(themes: Themes) -> str:
    """How many orders and themes there are."""
    style = locale(get_language())
    orders = ngettext("%(count)s order", "%(count)s orders", themes.orders)
    grouped = ngettext("grouped into %(count)s theme", "grouped into %(count)s themes", len(themes.themes))
    return ", ".join(
        [
            orders % {"count": style.count(themes.orders)},
            grouped % {"count": style.count(len(themes.themes))},
        ]
    )


# Most often first.
_LEFT_OUT: Final = ("delivery", "buyer", "unknown", FOREIGN, DECIDED)


def _not_counted(themes: Themes) -> list[str]:
    """What is left out of the rate and not shown here, by why."""
    style = locale(get_language())
    return [
        _left_out(why, themes.not_counted[why]) % {"count": style.count(themes.not_counted[why])}
        for why in _LEFT_OUT
        if themes.not_counted.get(why)
    ]


def _left_out(why: str, number: int) -> str:
    return {
        "delivery": ngettext(
            "%(count)s comment is about delivery.", "%(count)s comments are about delivery.", number
        ),
        "buyer": ngettext(
            "%(count)s comes from a buyer who changed their mind or ordered by mistake.",
            "%(count)s come from buyers who changed their mind or ordered by mistake.",
            number,
        ),
        "unknown": ngettext(
            "%(count)s gives no reason about the product or the listing.",
            "%(count)s give no reason about the product or the listing.",
            number,
        ),
        FOREIGN: ngettext(
            "%(count)s is about another seller's order of the same product.",
            "%(count)s are about other sellers' orders of the same product.",
            number,
        ),
        DECIDED: ngettext(
            "%(count)s was taken out by an operator.", "%(count)s were taken out by an operator.", number
        ),
    }[why]
