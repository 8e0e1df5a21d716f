"""滞納の照会 (reads): claims behind reminders, arrears of a party, lists."""
