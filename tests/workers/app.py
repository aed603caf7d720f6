"""`celery -A tests.workers.app`: the product's own Celery app with job kinds made for tests."""

from workers.celery import app

app.conf.imports = ["tests.workers.kinds"]
