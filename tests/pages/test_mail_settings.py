"""Which notices a member gets by e-mail (PRODUCT D9, F6)."""

import pytest
from django.urls import reverse

from health.mailing import wanted_by
from offers.models import Membership, Role
from tests.factories import SellerFactory
from tests.pages.people import member, operator, owner
from tests.pages.reading import page

pytestmark = pytest.mark.django_db


def test_d9_choices_are_saved_for_this_seller_and_closures_stay_on() -> None:
    seller = SellerFactory()
    reader = member(seller, Role.VIEWER)
    address = reverse("settings-notifications")
    boxes = page(reader.client.get(address)).all("input", type="checkbox")
    assert [box.attributes.get("value") for box in boxes if "checked" in box.attributes] == [
        None, "at_risk", "recovering", "weekly"
    ]  # fmt: skip
    assert "disabled" in boxes[0].attributes
    answer = reader.client.post(address, {"wanted": ["weekly", "removal", "closed"]})
    assert answer.headers["Location"] == address
    assert wanted_by(Membership.objects.get(user=reader.user)) == {"weekly", "removal"}
    assert "Your choices are saved." in page(reader.client.get(address)).one("main").text


def test_f6_an_operator_has_no_settings_at_a_seller() -> None:
    reader, seller = operator(), SellerFactory()
    address = reverse("settings-notifications")
    assert reader.client.get(address).status_code == 302  # to choose a seller first
    reader.switch(seller)
    assert (reader.client.get(address).status_code, reader.client.post(address).status_code) == (200, 403)
    assert not page(reader.client.get(address)).all("fieldset")


def test_an_account_without_an_address_is_told_so() -> None:
    reader = owner(SellerFactory())
    type(reader.user).objects.update(email="")
    answer = reader.client.get(reverse("settings-notifications"))
    assert "Your account has no e-mail address" in answer.content.decode()
