"""The factories that the other tests build on."""

from typing import Any

import pytest
from django.apps import apps
from factory.django import DjangoModelFactory

from tests import case_factories, factories

OURS = {"offers", "feedback", "health"}
# A placement belongs to a fit, and a change of the reason table to an action: no test makes them alone.
WITHOUT = {"BenchmarkPlacement", "ReasonCodeChange"}


def every_factory() -> dict[str, Any]:
    both = [*vars(factories).values(), *vars(case_factories).values()]
    made = [value for value in both if isinstance(value, type)]
    found = [value for value in made if issubclass(value, DjangoModelFactory) and value._meta.model]
    return {value._meta.model.__name__: value for value in found}


def test_every_model_has_a_factory() -> None:
    models = {model.__name__ for app in OURS for model in apps.get_app_config(app).get_models()}
    assert models - WITHOUT == set(every_factory()) - {"User"}


@pytest.mark.django_db
@pytest.mark.parametrize("model", sorted(every_factory()))
def test_the_default_row_of_each_factory_satisfies_its_constraints(model: str) -> None:
    made = every_factory()[model]()
    made.refresh_from_db()
    made.validate_constraints()


@pytest.mark.django_db
def test_a_category_comes_with_its_first_step() -> None:
    kettles = factories.CategoryFactory(path="Home > Kitchen > Kettles")
    assert kettles.top is not None
    assert (kettles.top.path, kettles.top.top) == ("Home", kettles.top)
