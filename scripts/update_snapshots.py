"""Write the golden summary anew, after a change that is meant to move numbers.

Run it from the repository, say in the CHANGELOG under Numbers what moved and by how much:

    python scripts/update_snapshots.py
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.snapshot.golden import GOLDEN, save_golden

if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    save_golden()
    print(f"{GOLDEN.name} is up to date.")
