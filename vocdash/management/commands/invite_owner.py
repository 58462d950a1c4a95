"""manage.py invite_owner: the first owner of a seller, who then invites the others (PRODUCT F6)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from offers.management.ready import WRONG_USE, prepare_database
from offers.members import VALID_DAYS, MemberRefused, Refusal, invite_first_owner
from offers.models import Seller
from vocdash.pages.account_forms import LONGEST_ADDRESS
from vocdash.pages.account_mail import invitation_address, invitation_letter, send

_REFUSALS = {
    Refusal.HAS_OWNER: "{seller} has an owner already. Owners invite others under Members.",
    Refusal.ALREADY_MEMBER: "{email} is a member of {seller} already. Change the role under /admin/.",
    Refusal.TOO_MANY: "{seller} has too many open invitations.",
}


class Command(BaseCommand):
    help = "Invite the first owner of a seller by e-mail. Again: a new link. Exit 2: wrong values."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("seller", metavar="SELLER", help="the seller's code, as in import files")
        parser.add_argument("email", metavar="ADDRESS")

    def handle(self, *args: Any, **options: Any) -> None:
        prepare_database()
        seller, email = _seller(options["seller"]), _address(options["email"])
        try:
            invitation, token = invite_first_owner(seller_id=seller.pk, email=email)
        except MemberRefused as refused:
            words = _REFUSALS[refused.why].format(seller=seller.code, email=email)
            raise CommandError(words, returncode=WRONG_USE) from refused
        sent = send(invitation_letter(invitation, token, None))
        self.stdout.write(
            f"An invitation is on its way to {email}; its link is valid for {VALID_DAYS} days:"
            if sent
            else f"The e-mail could not be sent. Send {email} this link, valid for {VALID_DAYS} days:"
        )
        self.stdout.write(invitation_address(token))


def _seller(code: str) -> Seller:
    found = Seller.objects.filter(code=code).first()
    if found is None:
        raise CommandError(f"There is no seller {code}: import its offers first.", returncode=WRONG_USE)
    return found


def _address(email: str) -> str:
    try:
        validate_email(email)
    except ValidationError as error:
        raise CommandError(f"{email!r} is no e-mail address.", returncode=WRONG_USE) from error
    if len(email) > LONGEST_ADDRESS:
        raise CommandError(f"{email!r} is longer than {LONGEST_ADDRESS} characters.", returncode=WRONG_USE)
    return email
