"""Whether the database itself refuses bad rows, and whether every constraint has a bad row that tries it."""

from collections.abc import Callable, Iterator, Mapping

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

# By the constraint's name, or Model.field for a field that is unique by itself: what writes the bad row.
BadRows = Mapping[str, Callable[[], object]]


def constraints_of(app_label: str) -> dict[str, tuple[type[models.Model], tuple[str, ...]]]:
    """Every constraint of the app's models: its model, and the columns it makes unique, if it does."""
    return dict(_constraints(app_label))


def _constraints(app_label: str) -> Iterator[tuple[str, tuple[type[models.Model], tuple[str, ...]]]]:
    for model in apps.get_app_config(app_label).get_models():
        for constraint in model._meta.constraints:
            yield constraint.name, (model, tuple(getattr(constraint, "fields", ())))
        for field in model._meta.local_concrete_fields:
            if field.unique and not isinstance(field, models.AutoField):
                yield f"{model.__name__}.{field.name}", (model, (field.name,))


def assert_every_constraint_is_tried(app_label: str, bad_rows: BadRows) -> None:
    """Fail when a constraint has no bad row, or a bad row no constraint."""
    assert set(bad_rows) == set(constraints_of(app_label))


def assert_refused(app_label: str, name: str, bad_rows: BadRows) -> None:
    """Fail unless the database refuses the row, and because of this constraint."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        bad_rows[name]()
    assert _is_by(app_label, name, str(refusal.value)), refusal.value


def _is_by(app_label: str, name: str, message: str) -> bool:
    """PostgreSQL names the constraint; SQLite the constraint, or the columns that are not unique."""
    model, fields = constraints_of(app_label)[name]
    table = model._meta.db_table
    columns = [str(model._meta.get_field(field).column) for field in fields]  # type: ignore[union-attr]
    said_by_sqlite = "UNIQUE constraint failed: " + ", ".join(f"{table}.{column}" for column in columns)
    alone = [f"({column})=" for column in columns if "." in name]
    return name in message or message == said_by_sqlite or any(part in message for part in alone)
