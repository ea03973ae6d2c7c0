"""`python -m omni2`."""

from omni2.cli.main import main

if __name__ == "__main__":
    main()
