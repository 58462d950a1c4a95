# Two stages: packages are installed in the first; the second has them, the code, and nothing to build with.
FROM python:3.11-slim-bookworm AS packages
COPY requirements.txt constraints.txt /tmp/
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check -r /tmp/requirements.txt

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /srv/vocdash --shell /usr/sbin/nologin vocdash
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    VOCDASH_PRODUCTION=1 VOCDASH_VAR=/srv/vocdash/var PORT=8000
WORKDIR /srv/vocdash
COPY --from=packages /opt/venv /opt/venv
COPY manage.py ./
COPY scripts/probe.py scripts/
COPY offers offers
COPY feedback feedback
COPY health health
COPY vocdash vocdash
COPY templates templates
COPY static static
COPY locale locale
# Production settings refuse to load without secrets. These stand in for this one line and are in no layer:
# collecting files uses none of them.
RUN SECRET_KEY=build-0123456789-abcdefghijklmnopqrstuvwxyz-not-used \
    CUSTOMER_HASH_KEY=build-zyxwvutsrqponmlkjihgfedcba-9876543210-not-used \
    ALLOWED_HOSTS=localhost SITE_URL=https://localhost DATABASE_URL=sqlite:////tmp/none EMAIL_URL=console: \
    python manage.py collectstatic --noinput --verbosity 0 \
    && mkdir -p var/media \
    && chown -R vocdash:vocdash var
USER vocdash
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s --retries=3 CMD ["python", "scripts/probe.py"]
CMD ["sh", "-c", "exec gunicorn vocdash.wsgi --bind 0.0.0.0:$PORT --workers ${WEB_CONCURRENCY:-3} --threads 4 --worker-tmp-dir /dev/shm --access-logfile - --no-control-socket"]
