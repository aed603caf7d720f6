# Three images from one file:
#   web          pages and API, without torch
#   worker       model workers on a CPU, and the sweeper
#   worker-cuda  model workers on an NVIDIA GPU
# docker-compose.yml builds and joins them.

FROM python:3.12-slim-bookworm AS base
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PATH=/opt/venv/bin:$PATH
RUN python -m venv /opt/venv
WORKDIR /app

FROM base AS web-packages
COPY requirements/web.txt requirements/web.txt
RUN pip install -r requirements/web.txt

FROM web-packages AS cpu-packages
ARG TORCH_INDEX_URL=https://download.pytorch.org/whl/cpu
COPY requirements/model.txt requirements/model.txt
RUN pip install --extra-index-url "$TORCH_INDEX_URL" -r requirements/model.txt

# PyPI's own wheel of torch brings the CUDA libraries; the host gives the driver.
FROM web-packages AS cuda-packages
COPY requirements/model.txt requirements/model.txt
RUN pip install -r requirements/model.txt

FROM base AS application
ENV CASELOOP_HOME=/var/lib/caseloop DJANGO_SETTINGS_MODULE=config.settings
RUN groupadd --gid 10001 caseloop \
    && useradd --uid 10001 --gid caseloop --home-dir /var/lib/caseloop --create-home caseloop \
    && chmod 0700 /var/lib/caseloop
COPY manage.py ./
COPY config config
COPY incidents incidents
COPY classifier classifier
COPY events events
COPY workers workers
COPY templates templates
COPY static static
VOLUME /var/lib/caseloop
USER caseloop

FROM application AS web
COPY --from=web-packages /opt/venv /opt/venv
EXPOSE 8000
# Static files are collected at the start: they lie in CASELOOP_HOME, which is a volume.
# The access log holds no address: the address of a private page is the secret that opens it.
CMD ["sh", "-c", "python manage.py collectstatic --noinput --verbosity 0 && exec gunicorn config.wsgi:application \
    --bind 0.0.0.0:8000 --worker-class gthread --workers 2 --threads 4 --preload --worker-tmp-dir /dev/shm \
    --graceful-timeout 8 --access-logfile - --access-logformat '%(t)s %(m)s %(s)s %(B)s bytes %(M)s ms' --no-control-socket"]
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", \
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]

FROM application AS worker-base
ENV TOKENIZERS_PARALLELISM=false QUEUE=inference
CMD ["sh", "-c", "exec celery -A workers.celery worker -Q \"$QUEUE\" -n \"$QUEUE@%h\" \
    -c 1 --prefetch-multiplier 1 --without-gossip --without-mingle"]
HEALTHCHECK --interval=60s --timeout=30s --start-period=120s --retries=3 CMD ["sh", "-c", \
    "celery -A workers.celery inspect ping --timeout 10 --destination \"$QUEUE@$(hostname)\""]

FROM worker-base AS worker-cuda
COPY --from=cuda-packages /opt/venv /opt/venv

FROM worker-base AS worker
COPY --from=cpu-packages /opt/venv /opt/venv
