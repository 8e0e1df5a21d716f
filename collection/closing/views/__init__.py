"""Screens of closing: periods, books, rates of collection, payments to the prefecture."""
