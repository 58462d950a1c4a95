"""What all factories share. Names are invented; nothing here is random."""

from datetime import UTC, date, datetime
from typing import Any, Protocol, TypeVar, cast

import factory as factory_boy
from django.db.models import Model
from factory.django import DjangoModelFactory

A_DAY = date(2024, 3, 15)
A_MOMENT = datetime(2024, 3, 16, 3, 0, tzinfo=UTC)
factory: Any = factory_boy  # it says that it is typed and is not
PASSWORD = "correct horse battery staple"
Made = TypeVar("Made", bound=Model)


class Factory(Protocol[Made]):
    """What a factory can do, with the type that it makes: the library's own classes don't say it."""

    def __call__(self, **fields: Any) -> Made: ...

    def build(self, **fields: Any) -> Made: ...

    def create_batch(self, size: int, **fields: Any) -> "list[Made]": ...


def typed(made: "type[DjangoModelFactory[Made]]") -> Factory[Made]:
    return cast("Factory[Made]", made)
