# syntax=docker/dockerfile:1

# Stage 1: the dependencies, in a virtual environment that moves as one folder.
FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt .
RUN /opt/venv/bin/pip install -r requirements.txt

# Stage 2: what runs. No compiler, no package cache, no root.
FROM python:3.13-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    FC_DATA_DIR=/data \
    PORT=8000
# tini reaps what dead processes leave behind and passes the signals on.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --shell /usr/sbin/nologin fusioncommerce \
    && install -d -o fusioncommerce -g fusioncommerce -m 0700 /data
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
# The folder belongs to the user, because collectstatic writes staticfiles/ into it.
COPY --chown=fusioncommerce:fusioncommerce . .
RUN chown fusioncommerce:fusioncommerce /app
USER fusioncommerce
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/health')"]
ENTRYPOINT ["tini", "--"]
# All in one: with DATABASE_URL and REDIS_URL set the embedded servers stay down. To run one process
# per container, give a line of the Procfile as the command.
CMD ["python", "-m", "config.run"]
