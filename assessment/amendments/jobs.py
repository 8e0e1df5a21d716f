"""Batches of corrections and remissions."""

from assessment.amendments.relief_notices import RELIEF_NOTICE_JOB
from assessment.amendments.replaced_law_jobs import REPLACED_LAW_JOB
from assessment.amendments.shortfalls import SHORTFALL_JOB

JOBS = (RELIEF_NOTICE_JOB, SHORTFALL_JOB, REPLACED_LAW_JOB)
