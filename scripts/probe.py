"""Ask the site in this container whether it is ready; exit 0 when it is. For container health checks."""

import http.client
import os
import sys


def main() -> int:
    """Ask /readyz under a host name that the site answers to."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().removeprefix(".")
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=8)
    try:
        connection.request("GET", "/readyz", headers={"Host": host})
        answer = connection.getresponse()
        print(answer.read().decode(errors="replace"))
    except OSError as error:
        print(error)
        return 1
    return 0 if answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
