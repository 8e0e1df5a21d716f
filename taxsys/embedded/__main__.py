"""`python -m taxsys.embedded run|test|servers`."""

import sys

from taxsys.embedded.commands import main

sys.exit(main(sys.argv[1:]))
