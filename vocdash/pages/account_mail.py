"""Letters about accounts, as HTML and as text with the same words: an invitation, a new password.

Their links lead to SITE_URL, whatever host a request named.
"""

import logging
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import get_language, gettext, override

from offers.members import VALID_DAYS, account_of
from offers.models import Invitation
from offers.preferences import preferences_of
from vocdash.pages.help_numbers import days

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter with one thing to do: `action`, at `address`."""

    to: str
    subject: str
    paragraphs: list[str]
    action: str
    address: str
    notes: list[str]


def invitation_letter(invitation: Invitation, token: str, inviter: User | None) -> EmailMultiAlternatives:
    """Ask somebody to join a seller: in the language that they chose here, else in the inviter's."""
    account = account_of(invitation.email)
    with override(_language_of(account)):
        names = {
            "seller": " ".join(invitation.seller.name.split()),
            "inviter": _called(inviter),
            "role": invitation.get_role_display(),
            "days": days(VALID_DAYS),
        }
        letter = Letter(
            to=invitation.email,
            subject=gettext("Join %(seller)s on Voice of the Customer") % names,
            paragraphs=[
                gettext("%(inviter)s invites you to join %(seller)s. Your role: %(role)s.") % names,
                gettext(
                    "Voice of the Customer shows how customers experience each of the seller's offers, "
                    "compared with similar offers."
                ),
            ],
            action=gettext("Accept the invitation"),
            address=invitation_address(token),
            notes=[
                gettext("The link is valid for %(days)s, and once.") % names,
                gettext("If you don't know the sender, do nothing: nothing happens then."),
            ],
        )
        return message_of(letter)


def _called(inviter: User | None) -> str:
    if inviter is None:
        return gettext("The operator of the marketplace")
    return " ".join((inviter.get_full_name() or inviter.get_username()).split())


def invitation_address(token: str) -> str:
    """Where an invitation is accepted."""
    return settings.SITE_URL + reverse("invitation", args=[token])


def password_letter(user: User, email: str) -> EmailMultiAlternatives:
    """Let somebody who forgot their password set another one."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    where = reverse("password_reset_confirm", args=[uid, default_token_generator.make_token(user)])
    with override(_language_of(user)):
        letter = Letter(
            to=email,
            subject=gettext("Set a new password"),
            paragraphs=[
                gettext("Somebody asked for a new password for this address."),
                gettext("Your user name: %(name)s") % {"name": user.get_username()},
            ],
            action=gettext("Set a new password"),
            address=settings.SITE_URL + where,
            notes=[
                gettext("The link is valid for %(hours)s hours, and once.")
                % {"hours": settings.PASSWORD_RESET_TIMEOUT // 3600},
                gettext("If it wasn't you, do nothing: your password stays as it is."),
            ],
        )
        return message_of(letter)


def _language_of(account: User | None) -> str | None:
    """The language that the person chose, else the one that is active."""
    chosen = preferences_of(account.pk).language if account else ""
    return chosen or get_language()


def message_of(letter: Letter) -> EmailMultiAlternatives:
    """The letter as a message: text, and beside it HTML."""
    text = [*letter.paragraphs, f"{letter.action}:\n{letter.address}", *letter.notes]
    message = EmailMultiAlternatives(letter.subject, "\n\n".join(text) + "\n", to=[letter.to])
    message.attach_alternative(render_to_string("account/letter.html", {"letter": letter}), "text/html")
    return message


def send(message: EmailMultiAlternatives) -> bool:
    """Send now; False, and a line in the log, where that isn't possible."""
    try:
        message.send()
    except (OSError, ValueError):  # no way to the server, a refusal by it, an address it can't take
        logger.exception("A letter could not be sent")
        return False
    return True
