"""Accept a new CUSTOMER_HASH_KEY for this database."""

from django.core.management.base import BaseCommand

from vocdash.keys import adopt_customer_key


class Command(BaseCommand):
    help = (
        "Accept the present CUSTOMER_HASH_KEY for this database after the former one was lost. Customers of "
        "orders imported from now on can't be recognized in earlier orders."
    )

    def handle(self, *args: object, **options: object) -> None:
        changed = adopt_customer_key()
        self.stdout.write(
            "The new key is accepted." if changed else "The key is this database's own already."
        )
