# The two commands of a newcomer are `make run` and `make test`. Each installs what it needs first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
SPARK := $(VENV)/.spark-installed
INTEROP := var/interop
RELEASES := $(or $(RELEASES_DIR),var/releases)
SITE := $(or $(PORTAL_DIR),$(dir $(RELEASES))portal)

.DEFAULT_GOAL := help
.PHONY: help install run portal serve test-portal trace verify rollback withdraw doctor backup restore test test-spark interop fuzz dev lint bench bench-scale crash nights clean

help:  ## What can be done
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info < (3, 13)))' \
		|| { echo "Python 3.11 or 3.12 is needed: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

install: $(INSTALLED)  ## Set up the environment in .venv

run: $(INSTALLED)  ## From exports to a checked release; [MONTH=2024-12 [EXPORT=dte_rcv_compra]] reads that month again first
	@$(BIN)/bodega run $(if $(MONTH),--month "$(MONTH)") $(if $(EXPORT),--export "$(EXPORT)")

portal: $(INSTALLED)  ## The whole site of the release in force: pages, map, search, SQL, PDF (Node 20, Chromium)
	@$(BIN)/python -m portal build $(RELEASES)/latest $(SITE)

serve: $(INSTALLED)  ## Shows that site on http://localhost:8000, on this machine alone; [PORT=8001]
	@$(BIN)/python -m portal serve $(SITE) $(RELEASES) --port $(or $(PORT),8000)

test-portal: $(INSTALLED)  ## The portal in a real browser too (Node 20, Chromium)
	PORTAL_BROWSER=1 $(BIN)/python -m pytest tests/portal

trace: $(INSTALLED)  ## Source rows behind a figure: DATASET=ficha_ciudadana KEY="anio=2023 mes=12 ..." COLUMN=ejecutado [RELEASE=id]
	@$(BIN)/bodega trace --dataset "$$DATASET" --key "$$KEY" --column "$$COLUMN" --release "$$RELEASE"

verify: $(INSTALLED)  ## Checks a release from its folder alone: [RELEASE=folder]
	@$(BIN)/bodega verify $(if $(RELEASE),"$(RELEASE)")

rollback: $(INSTALLED)  ## Puts an earlier release in force again: RELEASE=id
	@$(BIN)/bodega rollback "$(RELEASE)"

withdraw: $(INSTALLED)  ## Deletes a release that must not be public, also from the bucket: RELEASE=id
	@$(BIN)/bodega withdraw $(RELEASE)

doctor: $(INSTALLED)  ## Checks this machine and names the remedies
	@$(BIN)/bodega doctor

backup: $(INSTALLED)  ## Saves what no run could make again: TO=folder, best on another disk
	@$(BIN)/bodega backup "$(TO)"

restore: $(INSTALLED)  ## Puts a backup back onto empty folders: FROM=folder [WITH=--with-exports or --moved]
	@$(BIN)/bodega restore "$(FROM)" $(WITH)

# A file's tests stay together, as they share what it took long to make.
test: $(INSTALLED)  ## Every test, fast ones first, on up to four cores
	$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# CKAN pins other versions of what the job itself uses, so it has an environment of its own: the whole list, as pinned.
$(INTEROP)/.installed: interop/requirements.txt
	$(PYTHON) -m venv $(INTEROP)
	$(INTEROP)/bin/python -m pip install --quiet --no-deps --requirement $<
	@touch $@

interop: $(INSTALLED) $(INTEROP)/.installed  ## CKAN's own harvester reads a release's catalogue (a second environment)
	INTEROP_PYTHON=$(INTEROP)/bin/python $(BIN)/python -m pytest interop

$(SPARK): $(INSTALLED)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,spark]'
	@touch $@

test-spark: $(SPARK)  ## The models on Spark too, equal to DuckDB's, also where a worker dies (Java 17); [DOCUMENTS=1000000]
	DOCUMENTS=$(DOCUMENTS) $(BIN)/python -m pytest $(if $(DOCUMENTS),on_spark/test_equal.py,on_spark)

fuzz: $(INSTALLED)  ## Damaged files into the readers for FUZZ_SECONDS=600; what fails is kept in var/fuzz
	$(BIN)/python -m tests.ingest.fuzz $(or $(FUZZ_SECONDS),600)

dev: $(INSTALLED)  ## Dagster's pages on http://localhost:3000
	@$(BIN)/bodega dev

lint: $(INSTALLED)  ## Style, types and the arrows between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy ansispark ingest expectations publish portal orchestration bench tests
	$(BIN)/lint-imports

bench: $(INSTALLED)  ## One million register rows: ingest against a bare DuckDB script, and the cost of every proof
	$(BIN)/python -m bench.run
	$(BIN)/python -m bench.cost

bench-scale: $(INSTALLED)  ## The whole way at DOCUMENTS="100000 1000000", beside the floor and pandas: bench/report.md
	$(BIN)/python -m bench.scale $(DOCUMENTS)

crash: $(INSTALLED)  ## kill -9 at random moments of the job (KILLS=100, SEED): releases stay whole, the next run finishes
	$(BIN)/python -m bench.kill $(or $(KILLS),100) $(SEED)

nights: $(INSTALLED)  ## Three months of nights with a clock of our own: crash, full disk, late and refused files, alerts
	$(BIN)/python -m bench.nights

clean:  ## Forget every run: internal area, releases and pages below var/
	rm -rf var
