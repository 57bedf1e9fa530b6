"""The command `quarterdeck`, which is `python -m chatops`."""

from chatops.loading import loading

with loading():
    from chatops.cli import main

if __name__ == "__main__":
    main()
