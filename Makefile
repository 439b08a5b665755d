# make run      development cluster and daemon, log until Ctrl-C
# make up|down  both in the background
# make test     every test; ARGS=tests/dev for some of them
# make lint     ruff and mypy
#
# make run SLURM_CONF=/etc/slurm/slurm.conf serves an existing cluster instead.

PYTHON = /usr/bin/python3
CLUSTER = $(PYTHON) conf/dev/cluster.py
VENV = .venv

# Only where it is given to make: a shell that has read .dev/env has one of that name too.
ifeq ($(origin SLURM_CONF),command line)
CLUSTER += --conf $(SLURM_CONF)
endif

.PHONY: run up down test lint

run up down: $(PYTHON)
	@$(CLUSTER) $@

test: $(PYTHON)
	@$(CLUSTER) install
	@$(VENV)/bin/pytest $(ARGS)

lint: $(PYTHON)
	@test -x $(VENV)/bin/ruff || $(CLUSTER) install
	@$(VENV)/bin/ruff check
	@$(VENV)/bin/ruff format --check
	@$(VENV)/bin/mypy

$(PYTHON):
	apt-get update
	apt-get install --yes python3
