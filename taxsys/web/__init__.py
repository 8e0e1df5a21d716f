"""Composition of the house: addresses, the Celery application, health; no rule of any duty lives here."""

from taxsys.web.celery import app as celery_app

__all__ = ["celery_app"]
