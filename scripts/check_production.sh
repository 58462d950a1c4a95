#!/bin/sh
# Check the settings as production would have them: made-up secrets, a folder of its own, no warning allowed.
# Usage: scripts/check_production.sh [PYTHON]
set -eu
cd "$(dirname "$0")/.."
python=${1:-.venv/bin/python}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
new_key='import secrets; print(secrets.token_urlsafe(64))'

in_production() {
    env -i PATH="$PATH" HOME="$folder" LC_ALL=C.UTF-8 \
        VOCDASH_PRODUCTION=1 VOCDASH_VAR="$folder" \
        SECRET_KEY="$("$python" -c "$new_key")" CUSTOMER_HASH_KEY="$("$python" -c "$new_key")" \
        ALLOWED_HOSTS=voc.example.org SITE_URL=https://voc.example.org \
        DATABASE_URL=postgres:///vocdash?host=/run/postgresql REDIS_URL=redis://localhost:6379/0 \
        EMAIL_URL=console: "$python" manage.py "$@"
}

in_production collectstatic --noinput --verbosity 0
in_production check --deploy --fail-level WARNING
