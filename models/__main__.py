"""``python -m models``."""

from models.cli import main

if __name__ == "__main__":
    main()
