"""Settings from the environment: every value is checked, every wrong one is named, all of them at once.

Reading never raises. A wrong or missing value is noted with what to do about it and a harmless stand-in is
returned; `refuse_problems()` at the end of settings.py then raises one ImproperlyConfigured with all of
them, so that a first start in production doesn't have to be tried once per variable.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})
HOST_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"{HOST_LABEL}(\.{HOST_LABEL})*", re.ASCII)
MAKE_A_KEY = 'python3 -c "import secrets; print(secrets.token_urlsafe(64))"'


class Environment:
    """The environment's variables, read by kind."""

    def __init__(self, values: Mapping[str, str], *, production: bool = False) -> None:
        """Read from `values`; in `production` what is marked as required must be there."""
        self.values = values
        self.production = production
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        """Return the value without surrounding blanks; an empty variable is the same as none."""
        return self.values.get(name, "").strip() or default

    def is_set(self, name: str) -> bool:
        """Say whether the variable holds anything."""
        return bool(self.text(name))

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a yes or no."""
        word = self.text(name).lower()
        if not word:
            return default
        if word not in TRUE_WORDS | FALSE_WORDS:
            self.refuse(name, f"is {word!r}, neither yes nor no. Set it to 1 or 0.")
        return word in TRUE_WORDS

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        """Return a whole number from `least` to `most`."""
        digits = self.text(name)
        if not digits:
            return default
        if not re.fullmatch(r"[+-]?\d{1,18}", digits, re.ASCII) or not least <= int(digits) <= most:
            self.refuse(name, f"is {digits!r}. Set it to a whole number from {least} to {most}.")
            return default
        return int(digits)

    def days(self, name: str, default: int, *, least: int) -> int | None:
        """Return for how many days something is kept, None for ever, which 0 means."""
        days = self.number(name, default, least=0, most=36_500)
        if 0 < days < least:
            self.refuse(name, f"is {days}. Set it to {least} days or more, or to 0 to keep everything.")
        return days or None

    def choice(self, name: str, default: str, options: tuple[str, ...]) -> str:
        """Return one of `options`, whatever its case."""
        value = self.text(name, default)
        for option in options:
            if value.lower() == option.lower():
                return option
        self.refuse(name, f"is {value!r}. Set it to one of {', '.join(options)}.")
        return default

    def words(self, name: str) -> list[str]:
        """Return a comma-separated list, blanks trimmed, empty entries dropped."""
        return [word.strip() for word in self.text(name).split(",") if word.strip()]

    def hosts(self, name: str, default: tuple[str, ...] = (), *, wildcards: bool = False) -> list[str]:
        """Return a list of plain host names, lower-cased: no scheme, port, path or blanks.

        With `wildcards`, `.example.org` stands for a host and all below it. A lone `*` is always refused.
        """
        good = []
        for word in (word.lower() for word in self.words(name)):
            bare = word.removeprefix(".") if wildcards else word
            if HOST.fullmatch(bare):
                good.append(word)
            else:
                self.refuse(name, f"holds {word!r}, not a host name. List names such as shop.example.org.")
        return good or list(default)

    def origins(self, name: str) -> list[str]:
        """Return a list of web origins such as https://shop.example.org, with a port where one is needed."""
        good = []
        for word in self.words(name):
            if re.fullmatch(rf"https?://{HOST.pattern}(:\d{{1,5}})?", word, re.ASCII):
                good.append(word)
            else:
                self.refuse(name, f"holds {word!r}. List origins such as https://shop.example.org (no path).")
        return good

    def mail_address(self, name: str) -> str:
        """Return one e-mail address, without a display name; "" where none is set."""
        value = self.text(name)
        if not value or re.fullmatch(rf"[\w.+-]+@{HOST.pattern}", value.lower(), re.ASCII):
            return value
        self.refuse(name, f"is {value!r}. Set it to one e-mail address such as help@shop.example.org.")
        return ""

    def mail_addresses(self, name: str) -> list[str]:
        """Return a comma-separated list of e-mail addresses, without display names."""
        good = []
        for word in self.words(name):
            if re.fullmatch(rf"[\w.+-]+@{HOST.pattern}", word.lower(), re.ASCII):
                good.append(word)
            else:
                self.refuse(name, f"holds {word!r}. List e-mail addresses such as night@shop.example.org.")
        return good

    def path(self, name: str, default: Path) -> Path:
        """Return an absolute path. A relative one is refused: it would depend on where a command is typed."""
        value = self.text(name)
        if not value:
            return default
        if not value.startswith("/") or "\0" in value:
            self.refuse(name, f"is {value!r}. Set it to an absolute path, beginning with /.")
            return default
        return Path(value)

    def secret(self, name: str, make: Callable[[], str], *, least: int) -> str:
        """Return a secret from NAME, or from the file named by NAME_FILE.

        When neither is set: outside production `make()` provides it, in production that is a problem. In
        production it must also have `least` characters. The value itself is never part of a message.
        """
        value = self._secret_from_file(f"{name}_FILE") if self.is_set(f"{name}_FILE") else self.text(name)
        if not value:
            return "" if self.missing(name, f"Make one with: {MAKE_A_KEY}") else make()
        if self.production and (len(value) < least or len(set(value)) < 10):
            self.refuse(
                name, f"is too easy to guess: at least {least} characters. Make one with: {MAKE_A_KEY}"
            )
        return value

    def _secret_from_file(self, name: str) -> str:
        try:
            value = Path(self.text(name)).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            self.refuse(name, f"can't be read ({error}). Name a file that holds the secret.")
            return "unreadable"
        if not value:
            self.refuse(name, "names an empty file. Name a file that holds the secret.")
        return value or "unreadable"

    def missing(self, name: str, advice: str) -> bool:
        """Note, in production only, that a required variable isn't set; return whether that is so."""
        if not self.production or self.is_set(name):
            return False
        self.refuse(name, f"is not set, and production needs it. {advice}")
        return True

    def refuse(self, name: str, reason: str) -> None:
        """Note what is wrong with the variable `name` and what to do about it."""
        self.problems.append(f"{name} {reason}")

    def refuse_problems(self) -> None:
        """Raise ImproperlyConfigured with all problems noted, one to a line, if there are any."""
        if self.problems:
            listed = "\n".join(f"  - {problem}" for problem in self.problems)
            raise ImproperlyConfigured(f"The environment can't be used:\n{listed}")
