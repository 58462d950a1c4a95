#!/bin/sh
# Check that docker-compose.yml is well-formed, with the secrets it asks for made up.
set -eu
cd "$(dirname "$0")/.."
scripts/tools.sh docker-compose
compose=docker-compose
command -v docker-compose >/dev/null || compose="docker compose"
SECRET_KEY=x CUSTOMER_HASH_KEY=x POSTGRES_PASSWORD=x REDIS_PASSWORD=x ALLOWED_HOSTS=voc.example.org \
    SITE_URL=https://voc.example.org EMAIL_URL=console: $compose config -q
