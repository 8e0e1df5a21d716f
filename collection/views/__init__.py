"""収納の画面 (screens of the collection desk)."""
