"""Marketplaces, with their first policy and the button that computes a night."""

from datetime import date
from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from kombu.exceptions import ChannelError, KombuError

from health.policy_actions import activate_first_policy
from health.recompute import DateRefused, check_date, dates_asked_for, last_night
from health.runs import running
from health.tasks import recompute_marketplace
from offers.admin.sellers import MarketplaceAdmin
from offers.models import Marketplace

# What a queue says that can't be reached or written to.
QUEUE_ERRORS: Final = (KombuError, ChannelError, OSError)


@admin.register(Marketplace)
class MarketplaceWithNightsAdmin(MarketplaceAdmin):
    """The marketplaces' page of the lower floor; a new marketplace begins with the method's own numbers."""

    actions = ("recompute_now",)

    def save_model(self, request: HttpRequest, obj: Marketplace, form: Any, change: bool) -> None:  # noqa: FBT001
        """Save, and give a new marketplace its first policy: without one no night can be computed."""
        super().save_model(request, obj, form, change)
        if not change:
            by: Any = request.user
            activate_first_policy(marketplace=obj, by=by)

    def has_recompute_permission(self, request: HttpRequest) -> bool:
        """Whoever may change marketplaces may have them computed."""
        return request.user.has_perm("offers.change_marketplace")

    @admin.action(description=gettext_lazy("Recompute now"), permissions=["recompute"])
    def recompute_now(self, request: HttpRequest, queryset: QuerySet[Marketplace]) -> None:
        """Start a night for each of them, in a worker, and say what is computed (PRODUCT E1)."""
        for marketplace in queryset.order_by("code"):
            level, said = _start(marketplace, request.user)
            self.message_user(request, f"{marketplace.code}: {said}", level)


def _start(marketplace: Marketplace, by: Any) -> tuple[int, str]:
    """Hand the dates to a worker. Returns the message's level and what happened."""
    if run := running(marketplace):
        said = _("a run of %(date)s is at work already. Try again when it has ended.")
        return messages.WARNING, said % {"date": run.as_of}
    try:
        dates = dates_asked_for(marketplace)
        check_date(marketplace, dates[-1])
    except DateRefused as refusal:
        return messages.ERROR, str(refusal)
    try:
        recompute_marketplace.delay(marketplace.code, by=by.pk)
    except QUEUE_ERRORS as error:
        said = _(
            "the task queue can't be reached (%(error)s), so nothing was started. On the server: %(command)s"
        )
        return messages.ERROR, said % {"error": error, "command": _command(marketplace, dates)}
    return messages.SUCCESS, _what_is_computed(marketplace, dates)


def _command(marketplace: Marketplace, dates: list[date]) -> str:
    """The command that does the same without a queue."""
    period = f"--as-of {dates[-1]} --nights {len(dates)}"
    return f"manage.py recompute_health --marketplace {marketplace.code} {period}"


def _what_is_computed(marketplace: Marketplace, dates: list[date]) -> str:
    if dates[-1] == last_night(marketplace):
        said = _(
            "no night is missed, so the one of %(last)s is computed again with what came in since. It can "
            "close further offers, and never undoes a closure. A worker does it; see the recompute runs."
        )
    elif len(dates) == 1:
        said = _("the night of %(last)s is computed. A worker does it; see the recompute runs.")
    else:
        said = _(
            "the %(count)d missed nights from %(first)s to %(last)s are computed. A worker does it; see the "
            "recompute runs."
        )
    return said % {"first": dates[0], "last": dates[-1], "count": len(dates)}
