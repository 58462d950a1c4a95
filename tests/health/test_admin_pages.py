"""The admin's pages of every model: they answer, only to operators, in few queries, and evidence stays."""

import re
from collections.abc import Callable

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import models
from django.test import Client

from feedback.models import FeedbackEvent, ReasonCode, ReasonCodeChange
from health.models import (
    BenchmarkPiece,
    BenchmarkPlacement,
    BenchmarkRefresh,
    ClosureHold,
    EmailPreference,
    GridOrder,
    HealthChange,
    HealthPolicy,
    LateNight,
    Night,
    Notification,
    NotificationEmail,
    OfferHealth,
    RecomputeRun,
    ResolutionCase,
    SavedView,
    SellerSummary,
)
from offers.models import (
    Category,
    ImportFile,
    ImportProblem,
    Invitation,
    ListingImage,
    ListingRevision,
    Marketplace,
    Membership,
    Offer,
    OfferStatusChange,
    OrderLine,
    Preferences,
    RemovalChange,
    RemovalOrder,
    Seller,
)
from tests.case_factories import (
    EmailPreferenceFactory,
    InvitationFactory,
    ListingImageFactory,
    NotificationEmailFactory,
    PreferencesFactory,
    RemovalChangeFactory,
    RemovalOrderFactory,
    ResolutionCaseFactory,
)
from tests.factories import (
    A_DAY,
    BenchmarkFactory,
    CategoryFactory,
    EventFactory,
    GridOrderFactory,
    HealthChangeFactory,
    HealthFactory,
    HoldFactory,
    ImportFileFactory,
    ImportProblemFactory,
    LateNightFactory,
    ListingRevisionFactory,
    MarketplaceFactory,
    MembershipFactory,
    NightFactory,
    NotificationFactory,
    OfferFactory,
    OfferStatusChangeFactory,
    OrderLineFactory,
    PieceFactory,
    PolicyFactory,
    ReasonCodeFactory,
    RunFactory,
    SavedViewFactory,
    SellerFactory,
    SummaryFactory,
)
from tests.operators import operator, page_of, queries_of, signed_in, staff
from vocdash.models import KeyFingerprint

pytestmark = pytest.mark.django_db
FLOORS = ("offers", "feedback", "health", "vocdash")


def placement() -> BenchmarkPlacement:
    numbers = {"window_days": 60, "m": 0.05, "s": 50.0, "w": 200.0, "level": 3, "finest": 3}
    return BenchmarkPlacement.objects.create(
        refresh=BenchmarkFactory(fit=b"fit"), offer=OfferFactory(), since=A_DAY, similar_offers=9, **numbers
    )


ROWS: dict[type[models.Model], Callable[[], models.Model]] = {
    Category: CategoryFactory,
    ImportFile: ImportFileFactory,
    ImportProblem: ImportProblemFactory,
    Invitation: InvitationFactory,
    ListingImage: ListingImageFactory,
    ListingRevision: ListingRevisionFactory,
    Marketplace: MarketplaceFactory,
    Membership: MembershipFactory,
    Offer: OfferFactory,
    OfferStatusChange: OfferStatusChangeFactory,
    OrderLine: OrderLineFactory,
    Preferences: PreferencesFactory,
    RemovalChange: RemovalChangeFactory,
    RemovalOrder: RemovalOrderFactory,
    Seller: SellerFactory,
    FeedbackEvent: EventFactory,
    ReasonCode: ReasonCodeFactory,
    ReasonCodeChange: lambda: ReasonCodeChange.objects.create(
        source="*", code="ODD", reason_after="defective"
    ),
    BenchmarkPiece: PieceFactory,
    BenchmarkPlacement: placement,
    BenchmarkRefresh: BenchmarkFactory,
    ClosureHold: HoldFactory,
    EmailPreference: EmailPreferenceFactory,
    GridOrder: GridOrderFactory,
    HealthChange: HealthChangeFactory,
    HealthPolicy: PolicyFactory,
    LateNight: LateNightFactory,
    Night: NightFactory,
    Notification: NotificationFactory,
    NotificationEmail: NotificationEmailFactory,
    OfferHealth: HealthFactory,
    RecomputeRun: RunFactory,
    ResolutionCase: ResolutionCaseFactory,
    SavedView: SavedViewFactory,
    SellerSummary: SummaryFactory,
    KeyFingerprint: lambda: KeyFingerprint.objects.get_or_create(name="customer", fingerprint="00")[0],
}
# Made, edited or, some of them, deleted by operators. Everything else is evidence.
EDITED = {Marketplace, Membership, Offer, Seller, ReasonCode, HealthPolicy}
EVIDENCE = [model for model in ROWS if model not in EDITED]
ALL = pytest.mark.parametrize("model", ROWS, ids=lambda model: model.__name__)


def own_models() -> set[type[models.Model]]:
    return {model for floor in FLOORS for model in apps.get_app_config(floor).get_models()}


def test_f1_every_model_has_its_page() -> None:
    assert own_models() <= set(admin.site._registry)
    assert own_models() == set(ROWS)


@ALL
def test_f1_list_and_row_answer_an_operator_without_inline_style_or_script(model: type[models.Model]) -> None:
    row, client = ROWS[model](), operator()
    for address in (page_of(model, "changelist"), page_of(model, "change", row.pk)):
        page = client.get(address)
        assert page.status_code == 200, address
        html = page.content.decode()
        assert not re.search(r"<style|<script(?![^>]* src=)|\son\w+=|\sstyle=|javascript:", html), address


@ALL
def test_f1_new_rows_are_made_only_of_what_is_no_evidence(model: type[models.Model]) -> None:
    assert operator().get(page_of(model, "add")).status_code == (200 if model in EDITED else 403)


@ALL
def test_f1_nobody_else_gets_in(model: type[models.Model]) -> None:
    row = ROWS[model]()
    addresses = [page_of(model, "changelist"), page_of(model, "change", row.pk), page_of(model, "add")]
    for client in (Client(), signed_in()):
        assert [client.get(address).status_code for address in addresses] == [302, 302, 302]
        assert all("/login/" in client.get(address)["Location"] for address in addresses)
    assert [staff().get(address).status_code for address in addresses] == [403, 403, 403]


@pytest.mark.parametrize("model", EVIDENCE, ids=lambda model: model.__name__)
def test_f1_evidence_can_be_neither_changed_nor_deleted_nor_added(model: type[models.Model]) -> None:
    row, client = ROWS[model](), operator()
    before = model._default_manager.values().get(pk=row.pk)
    assert client.post(page_of(model, "change", row.pk), {"_save": "Save"}).status_code == 403
    assert client.post(page_of(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert client.post(page_of(model, "add"), {}).status_code == 403
    deleted = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    client.post(page_of(model, "changelist"), deleted)
    assert model._default_manager.values().get(pk=row.pk) == before


@pytest.mark.parametrize("model", [Marketplace, Seller, Offer])
def test_f1_what_everything_hangs_on_is_never_deleted(model: type[models.Model]) -> None:
    row, client = ROWS[model](), operator()
    assert client.post(page_of(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    client.post(page_of(model, "changelist"), {"action": "delete_selected", "_selected_action": [row.pk]})
    assert model._default_manager.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", [ReasonCode, Membership, HealthPolicy])
def test_f1_what_may_be_deleted_is_deleted_one_by_one(model: type[models.Model]) -> None:
    # The stock action loads everything that hangs on the rows, and goes round the log of the reason table.
    row, client = ROWS[model](), operator()
    assert "delete_selected" not in client.get(page_of(model, "changelist")).content.decode()
    deleted = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    client.post(page_of(model, "changelist"), deleted)
    assert model._default_manager.filter(pk=row.pk).exists()


@ALL
def test_f1_a_list_counts_nothing_and_asks_as_much_for_many_rows_as_for_one(
    model: type[models.Model],
) -> None:
    client = operator()
    ROWS[model]()
    few = queries_of(client, page_of(model, "changelist"))
    if model is not KeyFingerprint:  # there is one row of it
        for _ in range(4):
            more_rows_of(model)
    many = queries_of(client, page_of(model, "changelist"))
    assert len(many) <= len(few) <= 9, many
    assert not [sql for sql in many if "COUNT(" in sql.upper() and "LogEntry" not in sql]


def more_rows_of(model: type[models.Model]) -> None:
    """Another row; of what there is one of each marketplace or night, in a marketplace of its own."""
    number = Marketplace.objects.count()
    marketplace = MarketplaceFactory(code=f"M{number}")
    if model is Category:
        CategoryFactory(path=f"Home > {number}")
    elif model is RecomputeRun:
        RunFactory(marketplace=marketplace)
    elif model is LateNight:
        LateNightFactory(marketplace=marketplace)
    elif model is HealthPolicy:
        PolicyFactory(marketplace=marketplace)
    elif model is Night:
        NightFactory(policy=PolicyFactory(marketplace=marketplace))
    elif model is BenchmarkRefresh:
        BenchmarkFactory(policy=PolicyFactory(marketplace=marketplace))
    elif model is BenchmarkPiece:
        PieceFactory(refresh=BenchmarkFactory(policy=PolicyFactory(marketplace=marketplace)))
    elif model is BenchmarkPlacement:
        first = BenchmarkPlacement.objects.values().first()
        assert first
        BenchmarkPlacement.objects.create(**{**first, "id": None, "offer_id": OfferFactory().pk})
    elif model is not Marketplace:
        ROWS[model]()


def test_f1_evidence_is_laid_out_for_reading_and_escaped() -> None:
    change = OfferStatusChangeFactory(
        evidence={"n": 12, "note": "<script>alert(1)</script>", "why": "zu groß"}
    )
    page = operator().get(page_of(OfferStatusChange, "change", change.pk)).content.decode()
    assert "<pre>{\n  &quot;n&quot;: 12,\n" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "zu groß" in page


@pytest.mark.parametrize("model", [BenchmarkRefresh, BenchmarkPiece, BenchmarkPlacement])
def test_f1_the_bytes_of_a_benchmark_are_never_read(model: type[models.Model]) -> None:
    fields = (*BenchmarkRefresh._meta.fields, *BenchmarkPiece._meta.fields)
    blobs = [field.name for field in fields if isinstance(field, models.BinaryField)]
    assert len(blobs) == 2
    row, client = ROWS[model](), operator()
    for address in (page_of(model, "changelist"), page_of(model, "change", row.pk)):
        assert not [sql for sql in queries_of(client, address) if any(f'"{name}"' in sql for name in blobs)]


def test_f1_codes_are_read_in_words() -> None:
    HealthFactory(band=6, proposed=4, level=3, tile=6)
    row = OfferHealth.objects.get()
    client = operator()
    for address in (page_of(OfferHealth, "changelist"), page_of(OfferHealth, "change", row.pk)):
        page = client.get(address).content.decode()
        assert "Very poor" in page
        assert "Insufficient Feedback" in page
        assert "Peer group" in page
    NightFactory(counts={"6": 3, "0": 40, "1": 0})
    OfferStatusChangeFactory()
    assert (
        "Closed by the nightly job" in client.get(page_of(OfferStatusChange, "changelist")).content.decode()
    )
    assert "No recent orders 40, Very poor 3" in client.get(page_of(Night, "changelist")).content.decode()


def test_f1_who_may_look_may_not_act() -> None:
    offer = OfferFactory()
    client = staff("offers.view_offer")
    page = client.get(page_of(Offer, "changelist"))
    assert page.status_code == 200
    assert "Close by hand" not in page.content.decode()
    assert client.post(page_of(Offer, "change", offer.pk), {"title": "Other"}).status_code == 403
    assert not LogEntry.objects.exists()


def test_f1_a_customers_hash_is_not_shown() -> None:
    line = OrderLineFactory(customer=4711004711)
    assert b"4711004711" not in operator().get(page_of(OrderLine, "change", line.pk)).content
