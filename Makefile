# make run      development cluster and daemon, log until Ctrl-C
# make up|down  both in the background
# make test     every test; ARGS=tests/dev for some of them
# make test-matrix  the tests that concern Slurm on 22.05, 24.11 and 26.05, each in a folder with a Debian of its own;
#               SUITES=trixie for one of them, ARGS= for other tests
# make lint     ruff and mypy
# make bench    the comparison with the C daemon, into docs/benchmarks.md; SIZE=small takes under three minutes,
#               NODES= JOBS= ROUNDS= SECONDS= THREADS= change one of the size's own numbers
#
# make run SLURM_CONF=/etc/slurm/slurm.conf serves an existing cluster instead.

PYTHON = /usr/bin/python3
CLUSTER = $(PYTHON) conf/dev/cluster.py
VENV = .venv

# Only where it is given to make: a shell that has read .dev/env has one of that name too.
ifeq ($(origin SLURM_CONF),command line)
CLUSTER += --conf $(SLURM_CONF)
endif

.PHONY: run up down test test-matrix lint bench

run up down: $(PYTHON)
	@$(CLUSTER) $@

test: $(PYTHON)
	@$(CLUSTER) install
	@$(if $(ARGS),$(VENV)/bin/pytest $(ARGS),$(PYTHON) conf/dev/suite.py $(VENV)/bin/pytest)

test-matrix: $(PYTHON)
	@$(PYTHON) conf/dev/matrix.py $(SUITES) $(if $(ARGS),-- $(ARGS))

lint: $(PYTHON)
	@test -x $(VENV)/bin/ruff || $(CLUSTER) install
	@$(VENV)/bin/ruff check
	@$(VENV)/bin/ruff format --check
	@$(VENV)/bin/mypy

bench: $(PYTHON)
	@$(CLUSTER) install
	@$(VENV)/bin/python3 -m bench --size $(or $(SIZE),full) $(if $(NODES),--nodes $(NODES)) $(if $(JOBS),--jobs $(JOBS)) \
		$(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(THREADS),--threads $(THREADS))

$(PYTHON):
	apt-get update
	apt-get install --yes python3
