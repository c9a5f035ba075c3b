"""``python -m pinnace.cli`` is ``pinnace``: for programs that know the interpreter and not the PATH."""

from pinnace.cli.main import main

if __name__ == "__main__":
    main()
