"""E-mails of notices: what they say, in which language, and that they say what was so when it happened."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse
from time_machine import travel

from feedback.models import FeedbackEvent
from health.actions import close_by_hand, lift_closure
from health.mailing import address_pending, send_round, wanted_by
from health.models import HealthPolicy, NotificationEmail, OfferHealth
from offers.models import Membership, Offer, OrderLine
from tests.case_factories import PreferencesFactory
from tests.factories import PASSWORD, MembershipFactory, UserFactory
from tests.health.story import LAST, ONE_DAY, bad_offer, market
from tests.pages.reading import Element, of_html
from vocdash.pages.mail import wrapped, write
from vocdash.pages.notice_parts import with_offset
from vocdash.pages.unsubscribing import Wish, make_token, read_token

pytestmark = pytest.mark.django_db
HERE = Path(__file__).parent
MORNING = datetime(2024, 3, 19, 8, tzinfo=UTC)
TITLE = "Northlight electric kettle, 1.7 L & steel"
ADDRESS = re.compile(r"https?://\S+")


@pytest.fixture(autouse=True)
def _address(settings: Any) -> None:
    settings.SITE_URL = "https://voc.example.org"


def closed_offer(**fields: Any) -> Offer:
    """An offer that last night closed, with an owner."""
    made = market()
    named = {"sku": "NG-17", "product_id": "P-NG-17", "title": TITLE}
    offer = bad_offer(made, **{**named, "fulfillment": "marketplace", **fields})
    event = FeedbackEvent.objects.filter(offer=offer).order_by("-occurred_on", "-pk").first()
    assert event
    FeedbackEvent.objects.filter(pk=event.pk).update(comment="Leaks <everywhere>. Call [phone].")
    MembershipFactory(seller=offer.seller)
    with travel(MORNING, tick=False):
        made.nights(3, LAST + 3 * ONE_DAY)
    return offer


def sent() -> EmailMultiAlternatives:
    """The only e-mail that went out."""
    send_round(write)
    (message,) = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    return message


def said(message: Any) -> str:
    """Its text, whatever its lines."""
    return " ".join(str(message.body).split())


def html_of(message: EmailMultiAlternatives) -> Element:
    """Its HTML, well-formed."""
    return of_html(str(message.alternatives[0][0]))


def shop_changes_everything(offer: Offer) -> None:
    """What may come after a closure: cancellations, other numbers, decisions, a new policy version."""
    OrderLine.objects.filter(offer=offer).update(status="cancelled")
    OfferHealth.objects.filter(offer=offer).update(orders=1, ncx_orders=0, rate=0.0, m=0.9, band=1, tile=1)
    FeedbackEvent.objects.filter(offer=offer).update(
        counted=False, decision=False, decision_reason="x", decision_at=MORNING
    )
    HealthPolicy.objects.update(state=HealthPolicy.State.RETIRED)
    HealthPolicy.objects.create(
        marketplace=offer.marketplace, version=2, state="active", activated_at=MORNING,
        numbers={"poor_ratio": 9.0, "cluster_order_days": 3},
    )  # fmt: skip


# --- a closure


def test_d3_the_text_of_a_closure_is_the_one_that_was_read_by_us() -> None:
    closed_offer()
    message = sent()
    assert message.subject == f"Action required: your offer has been closed – {TITLE}"
    kept = HERE / "snapshots" / "mail-closed.en.txt"
    assert re.sub(r"/offers/\d+/", "/offers/1/", str(message.body)) == kept.read_text(encoding="utf-8")


def test_d3_the_mail_stays_as_it_was_when_the_data_change() -> None:
    offer = closed_offer()
    address_pending()
    row = NotificationEmail.objects.get()
    member = Membership.objects.get(seller=offer.seller)
    before = write(row, member)
    shop_changes_everything(offer)
    after = write(NotificationEmail.objects.get(), member)
    assert (after.text, after.html, after.subject) == (before.text, before.html, before.subject)
    assert "19 of its 57 orders in the last 60 days (33.3%)" in " ".join(after.text.split())
    assert "policy v1" in after.text


def test_d3_html_and_text_say_the_same() -> None:
    closed_offer()
    message = sent()
    html, told = html_of(message), said(message)
    lines = of_html(str(message.alternatives[0][0]).replace("<br>", " · "))
    cells = [cell.text for cell in lines.one("main").all("td") if not cell.all("td")]
    pieces = [words.strip(" .:") for text in cells for words in re.split(r"(?<=[.:”]) |·", text)]
    (only,) = [words for words in pieces if words and words not in told]
    assert only.startswith("If the button doesn't work, go to https://voc.example.org/voc/offers/")
    assert len(html.one("main").all("a")) == 3  # one button, the same address in words, the settings
    links = {link.attributes["href"] for link in html.all("a")}
    assert links == set(ADDRESS.findall(str(message.body)))


def test_d3_the_details_link_leads_where_the_dashboards_path_leads_also_through_signing_in() -> None:
    offer = closed_offer()
    button = html_of(sent()).all("a")[0]
    path = reverse("offer", args=[offer.pk])
    assert button.attributes["href"] == f"https://voc.example.org{path}"
    client, member = Client(), Membership.objects.get(seller=offer.seller)
    answer = client.get(path)
    assert answer.headers["Location"] == f"{site.LOGIN_URL}?next={path}"
    signed_in = {"username": member.user.username, "password": PASSWORD}
    answer = client.post(answer.headers["Location"], signed_in)
    assert answer.headers["Location"] == path
    assert client.get(path).status_code == 200


def test_a5_a_closure_says_that_the_account_is_untouched() -> None:
    closed_offer()
    assert "This has no effect on your seller account." in sent().body


def test_quotes_are_escaped_and_those_that_were_erased_are_gone() -> None:
    offer = closed_offer()
    address_pending()
    row, member = NotificationEmail.objects.get(), Membership.objects.get(seller=offer.seller)
    assert "“Leaks &lt;everywhere&gt;. Call [phone].”" in write(row, member).html
    assert write(row, member).text.count("It broke.") == 1
    FeedbackEvent.objects.filter(comment__startswith="Leaks").update(comment="")
    assert "Leaks" not in write(NotificationEmail.objects.get(), member).html


def test_d7_only_marketplace_fulfilled_offers_are_told_of_removal_orders() -> None:
    closed_offer(fulfillment="seller")
    body = said(sent())
    assert "removal" not in body
    assert "Fix the cause: edit the listing, or describe another remedy." in body


def test_a_closure_by_hand_gives_its_reason_and_no_rate() -> None:
    made = market()
    offer = bad_offer(made)
    MembershipFactory(seller=offer.seller)
    close_by_hand(offer_id=offer.pk, by=UserFactory(is_staff=True), reason="Recalled <now>.")
    message = sent()
    assert "Your offer has been closed by an operator" in said(message)
    assert "The reason given: Recalled <now>." in said(message)
    assert "Recalled &lt;now&gt;." in str(message.alternatives[0][0])
    assert "NCX rate" not in said(message)


def test_d10_a_lifted_closure_says_closed_in_error() -> None:
    offer = closed_offer()
    sent()
    mail.outbox.clear()
    lift_closure(offer_id=offer.pk, by=UserFactory(is_staff=True), reason="It was another shop's parcel.")
    message = sent()
    assert message.subject.startswith("Closed in error, open again: Northlight")
    assert "It was another shop's parcel." in said(message)
    assert "no longer counts" in said(message)


# --- language and zone


def language_of_mail(offer: Offer, chosen: str, marketplace: str) -> str:
    offer.marketplace.language = marketplace
    offer.marketplace.save()
    user = User.objects.get(memberships__seller=offer.seller)
    PreferencesFactory(user=user, language=chosen)
    return str(html_of(sent()).one("html").attributes["lang"])


@pytest.mark.parametrize(
    ("chosen", "marketplace", "language"),
    [("", "en", "en"), ("", "fr-CA", "fr"), ("en", "fr", "en"), ("fr", "en", "fr"), ("xx", "yy", "en")],
)
def test_a4_the_recipients_language_is_used_else_the_marketplaces(
    chosen: str, marketplace: str, language: str
) -> None:
    assert language_of_mail(closed_offer(), chosen, marketplace) == language


def test_a4_french_is_complete() -> None:
    offer = closed_offer()
    PreferencesFactory(user=User.objects.get(memberships__seller=offer.seller), language="fr")
    body = str(sent().body)
    assert body.startswith("Votre offre a été fermée en raison d’un taux NCX élevé")
    assert "33,3\N{NO-BREAK SPACE}%" in body
    assert not {"Customers", "orders", "Closed", "policy", "Change"} & set(re.findall(r"\w+", body))


def test_dates_are_those_of_the_marketplaces_zone() -> None:
    offer = closed_offer()
    assert "19 Mar 2024, 04:00 (UTC−4)" in sent().body.replace("\N{NO-BREAK SPACE}", " ")
    assert offer.marketplace.time_zone == "America/New_York"


def test_a_moment_says_how_far_it_is_from_utc() -> None:
    from zoneinfo import ZoneInfo

    moment = datetime(2024, 1, 5, 12, tzinfo=UTC)
    assert with_offset(moment).endswith("12:00 (UTC)")
    assert with_offset(moment.astimezone(ZoneInfo("Asia/Kolkata"))).endswith("17:30 (UTC+5:30)")
    assert with_offset(moment.astimezone(ZoneInfo("America/St_Johns"))).endswith("08:30 (UTC−3:30)")


# --- other kinds


def test_d9_every_kind_can_be_put_into_words() -> None:
    made = market(closing_enabled=False)
    offer = bad_offer(made)
    member = MembershipFactory(seller=offer.seller)
    with travel(datetime(2024, 3, 18, 8, tzinfo=UTC), tick=False):
        made.nights(3, LAST + 2 * ONE_DAY)
    send_round(write)
    subjects = {message.subject for message in mail.outbox}
    assert subjects == {f"At risk of closure: {offer.title}", "Weekly summary, Marketplace US: 1 offer"}
    at_risk, weekly = sorted(mail.outbox, key=lambda message: str(message.subject))
    assert "Poor or Very poor for 3 nights running." in said(at_risk)
    assert "List-Unsubscribe" not in at_risk.extra_headers
    assert offer.title in said(weekly)
    assert "Newly at risk" in said(weekly)
    way_out = weekly.extra_headers["List-Unsubscribe"].strip("<>").removeprefix("https://voc.example.org")
    assert read_token(way_out.split("/")[2]) == Wish(member.pk, "weekly")
    assert f"https://voc.example.org{way_out}" in weekly.body
    assert weekly.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_lines_of_text_are_short_and_addresses_whole() -> None:
    address = "https://voc.example.org/" + "a" * 120
    lines = wrapped(f"{'word ' * 60}\n\n\n  - {'word ' * 30}\n{address}\n").splitlines()
    assert max(len(line) for line in lines if line != address) <= 92
    assert address in lines
    assert lines.count("") == 1
    assert lines[-2].startswith("    word")


# --- the way out of summaries


def test_a_summary_can_be_left_signed_out_and_only_by_post(client: Client) -> None:
    member = MembershipFactory()
    address = reverse("unsubscribe", args=[make_token(Wish(member.pk, "weekly"))])
    answer = client.get(address)
    assert answer.status_code == 200
    assert "Stop the weekly summaries" in answer.content.decode()
    assert "weekly" in wanted_by(member)  # a scanner that follows links changes nothing
    # As mail programs post it (RFC 8058): without cookies, without a CSRF token, and it must not redirect.
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(address, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert wanted_by(member) == {"at_risk", "recovering"}
    assert strict.post(address).status_code == 200


def test_a_link_that_was_not_made_here_leads_nowhere(client: Client) -> None:
    token = make_token(Wish(MembershipFactory().pk, "weekly"))
    closures = make_token(Wish(MembershipFactory().pk, "closed"))
    for wrong in ("1", token[:-1], f"{token}x", closures):
        assert client.post(reverse("unsubscribe", args=[wrong])).status_code == 404


def test_the_link_of_somebody_who_left_the_seller_still_answers(client: Client) -> None:
    member = MembershipFactory()
    address = reverse("unsubscribe", args=[make_token(Wish(member.pk, "weekly"))])
    member.delete()
    assert "You no longer get these e-mails." in client.get(address).content.decode()
    assert client.post(address).status_code == 200
