#!/bin/sh
# What a container of this image does: web, worker, scheduler, migrate, or a management command.
set -eu
umask 077
role="${1:-web}"
[ "$#" -gt 0 ] && shift

case "$role" in
  web)
    exec gunicorn taxsys.web.wsgi:application --bind "0.0.0.0:${TAXSYS_WEB_PORT:-8000}" --worker-class sync \
      --workers "${TAXSYS_WEB_WORKERS:-4}" --timeout 60 --graceful-timeout 30 --max-requests 10000 \
      --max-requests-jitter 1000 --worker-tmp-dir /dev/shm --no-control-socket --log-level warning "$@"
    ;;
  worker)
    exec celery -A taxsys.web.celery worker --concurrency "${TAXSYS_WORKER_PROCESSES:-2}" --loglevel WARNING \
      --without-gossip --without-mingle "$@"
    ;;
  scheduler)
    exec celery -A taxsys.web.celery beat --scheduler celery.beat:Scheduler --pidfile= --loglevel WARNING "$@"
    ;;
  migrate)
    exec python manage.py migrate --noinput "$@"
    ;;
  manage)
    exec python manage.py "$@"
    ;;
  *)
    echo "unknown role: $role (web, worker, scheduler, migrate, manage)" >&2
    exit 64
    ;;
esac
