"""更正・決定の事案と減免: acts on decided taxes of one or several years (17条の5, 17条の6, 323条)."""
