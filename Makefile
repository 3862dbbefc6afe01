# A thin front for scripts/bootstrap.py, which does the same where there is no make.
# Options go through ARGS:  make compare ARGS="--regions arcamanik --policies arcamanik -n 20"
PYTHON ?= python3
UV ?= uv

.PHONY: help compare test prove bench lab explore lint lock

help:
	@$(PYTHON) scripts/bootstrap.py --help

compare test prove bench lab explore lint:
	@$(PYTHON) scripts/bootstrap.py $@ $(ARGS)

# For maintainers: writes requirements.lock anew. Keeps the versions that still fit; ARGS=--upgrade moves them.
# One version for all Pythons (fewest), so that numbers do not depend on the Python.
lock:
	$(UV) pip compile pyproject.toml --universal --all-extras --group dev --python-version 3.11 \
	  --fork-strategy fewest --generate-hashes --no-header --no-annotate --quiet -o requirements.lock $(ARGS)
