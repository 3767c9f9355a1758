"""`python -m radlearn`: the same as the command `radlearn`."""

import sys

from radlearn.cli import main

if __name__ == "__main__":
    sys.exit(main())
