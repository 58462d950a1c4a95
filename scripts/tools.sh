#!/bin/sh
# See to it that the programs named are installed: with apt-get when we may, else by saying what to install.
# Usage: scripts/tools.sh postgresql redis-server chromium docker-compose
set -eu

is_there() {
    case $1 in
        postgresql) command -v postgres >/dev/null || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 ;;
        chromium) command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ;;
        docker-compose) command -v docker-compose >/dev/null || docker compose version >/dev/null 2>&1 ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

missing=
for package in "$@"; do
    is_there "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "These are needed and not installed:$missing" >&2
    echo "On Debian: sudo apt-get install$missing" >&2
    exit 1
fi
echo "Installing with apt-get:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $missing >/dev/null
