"""収納の業務処理 (writes of collection): one transaction each, idempotent by business key."""
