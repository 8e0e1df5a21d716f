"""Steps of the demonstration, one module per desk: functions of the walker, and `rows` of the closing table."""
