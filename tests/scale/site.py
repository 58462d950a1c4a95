"""The site's Celery app, with what a measurement sets for its workers: `celery -A tests.scale.site worker`.

BENCH_SET: module:NAME=number,module:NAME=number, such as the size of shards, so that a small marketplace is
computed as a large one is.
"""

import os
from collections.abc import Iterator
from importlib import import_module

from celery.signals import worker_process_init

from vocdash.celery import app

__all__ = ["app", "set_numbers"]


def _asked_for(text: str) -> Iterator[tuple[str, str, int]]:
    for part in filter(None, text.split(",")):
        place, _, number = part.partition("=")
        module, _, name = place.partition(":")
        yield module, name, int(number)


def set_numbers(text: str) -> None:
    """Set the numbers of modules that the text names; AttributeError where there is no such number."""
    for module_name, name, number in _asked_for(text):
        module = import_module(module_name)
        getattr(module, name)
        setattr(module, name, number)


@worker_process_init.connect
def _set(**_: object) -> None:
    set_numbers(os.environ.get("BENCH_SET", ""))
