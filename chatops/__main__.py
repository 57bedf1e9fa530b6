"""`python -m chatops` is `quarterdeck`."""

from chatops.cli import main

main()
