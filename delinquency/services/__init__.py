"""滞納の処理 (writes): reminders and contacts."""
