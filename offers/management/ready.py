"""What every command needs before its work: a database with tables, a marketplace that is there."""

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from offers.models import Marketplace

WRONG_USE = 2


def prepare_database() -> None:
    """Make the tables in a database that has none. CommandError where some migrations are still to be run.

    A fresh checkout works with the first command; a database with data in it is migrated by nobody but
    its operator.
    """
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not pending:
        return
    if executor.loader.applied_migrations:
        raise CommandError(
            "The database is older than the program. Bring it up to date with: manage.py migrate"
        )
    call_command("migrate", verbosity=0, interactive=False)


def marketplace_by_code(code: str) -> Marketplace:
    """The marketplace of this code. CommandError (exit 2) says how to make one."""
    marketplace = Marketplace.objects.filter(code=code).first()
    if marketplace is not None:
        return marketplace
    known = ", ".join(Marketplace.objects.order_by("code").values_list("code", flat=True)) or "none yet"
    raise CommandError(
        f"There is no marketplace {code!r} (there are: {known}). Make it with: manage.py create_marketplace "
        f'{code} --name "…" --currency USD --timezone America/New_York --language en',
        returncode=WRONG_USE,
    )
