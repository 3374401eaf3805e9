"""``python -m riskengine``."""

from riskengine.cli import main

if __name__ == "__main__":
    main()
