# Studio's commands. `make help` lists them.
PY := .venv/bin/python
PORT ?= 8000
FAULTS ?= 100
ENGINE ?= sqlite
SEED ?= 1
# What hears and what sees, by jobs, routes and local files.
OFFLINE = tests/apps/media_app/test_hidden_packages.py $(addprefix tests/flows/test_,$(addsuffix .py,words sound_engines sound_routes beats \
	voice_enhance frames masks regions region_edits visual_meta reframe anonymise))
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' Makefile)

help:            ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

setup:           ## everything into .venv and node_modules; costs nothing when all is there
	@scripts/setup.sh

setup-run:
	@scripts/setup.sh run

demo: setup-run  ## a fresh machine to a captioned film: cards in, sync, cut, words, film, editors; DEMO=main: an approved sync and a film
	@$(PY) manage.py demo

serve: setup-run ## Studio on this machine, with the demo shoots to look at; PORT=8000
	@$(PY) manage.py serve --port $(PORT) --demo

check: setup     ## lint, types, imports, migrations, templates
	@scripts/check.sh

quick: setup     ## core and apps on SQLite, without browser and services: while you write
	@env -u PYTHONDONTWRITEBYTECODE OPENBLAS_NUM_THREADS=1 $(PY) -m pytest -q -n auto --dist worksteal -m "not services and not browser" tests/core tests/apps

test: setup      ## every check and test, on the real services and in a real browser
	@scripts/test.sh

test-offline: setup ## all engines, of sound and of pictures, with the network cut
	@unshare -rn $(PY) -m pytest -q -n0 -m "not services and not browser" $(OFFLINE)

screenshots: setup ## pictures of the pages that the browser's tests look at, in var/screenshots
	@SCREENSHOTS=$(CURDIR)/var/screenshots $(PY) -m pytest -q tests/browser

audit: setup     ## known holes in the locked packages
	@scripts/audit.sh

fuzz: setup      ## the OpenAPI schema, fuzzed for long; EXAMPLES=300 SEED=1 ENGINE=services: on PostgreSQL
	@FUZZ_EXAMPLES=$(or $(EXAMPLES),300) FUZZ_SEED=$(or $(SEED),1) $(PY) -m $(if $(filter services,$(ENGINE)),tests.on_postgres,pytest) -q tests/apps/test_fuzz.py --timeout 0

lock: setup      ## compile requirements*.in into the locks
	uv pip compile -q --universal --fork-strategy fewest --python-version 3.11 --override overrides.txt --override overrides-run.txt --generate-hashes \
		--no-emit-index-url --custom-compile-command "make lock" requirements.in -o requirements.txt
	uv pip compile -q --universal --fork-strategy fewest --python-version 3.11 --override overrides.txt --generate-hashes \
		--no-emit-index-url --custom-compile-command "make lock" requirements-dev.in -o requirements-dev.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" scripts/swift-requirements.in -o scripts/swift-requirements.txt

bench: setup     ## ingest and mastering beside bare ffmpeg, the queue beside procrastinate, operators beside encodes; LONG=1: an upload of 5 GB too
	@$(PY) -m bench.ingest
	@$(PY) -m bench.master
	@$(PY) -m bench.queue
	@$(PY) -m bench.operators
	@$(if $(LONG),$(PY) -m bench.upload)

bench-queue: setup ## 2,000 jobs, four workers, beside procrastinate
	@$(PY) -m bench.queue

bench-operators: setup ## operators who click while two encodes run
	@$(PY) -m bench.operators

bench-clicks: setup ## what each page and route costs the web process: processor and queries
	@$(PY) -m bench.clicks

bench-upload: setup ## 5 GB through 50 cuts
	@$(PY) -m bench.upload

bench-sync: setup ## sync beside others on simulated rooms, and on every fault that the field showed
	@$(PY) -m bench.sync
	@$(PY) -m bench.sync --suite field --quick --out var/bench/sync-field.json

bench-sync-short: setup ## one to four minutes of every fault, made cheaply: what is right by tenths of the probability; PER=3 SEED=1
	@$(PY) -m bench.sync --suite field --only short --per $(or $(PER),3) --seed $(SEED) --out var/bench/sync-short.json

bench-verdict: setup ## three cameras of an hour: seconds to the verdict; PICTURES=1: and to the proxies
	@$(PY) -m bench.verdict $(if $(PICTURES),--pictures)

bench-ui: setup  ## the review page of three one-hour cameras
	@$(PY) -m bench.ui

bench-angles: setup ## the angle editor: six cameras of two hours, 300 cuts
	@$(PY) -m bench.ui.angles
bench-engines: setup ## words, timeline, beats, voices, pictures and what they cost, against known truth; QUICK=1: less of it
	@$(PY) -m bench.engines $(if $(QUICK),--quick)

bench-hostile: setup ## every hostile file and 1,000 bent ones: outcomes, time, memory
	@$(PY) -m bench.hostile

bench-autocut: setup ## automatic cuts of 1,000 conversations with known truth; SCENES=1000 ARGS=--levels (without sound: fast)
	@$(PY) -m bench.autocut --scenes $(or $(SCENES),1000) $(ARGS)

chaos: setup     ## Studio under fire: FAULTS=100 ENGINE=sqlite|services SEED=1
	@$(PY) -m bench.chaos --faults $(FAULTS) --engine $(ENGINE) --seed $(SEED)

chaos-exports: setup ## exports killed and canceled at every step: ENGINE=sqlite|services SEED=1
	@$(PY) -m bench.chaos --exports --faults 30 --engine $(ENGINE) --seed $(SEED)

chaos-renders: setup ## renders, whole and in chunks, killed and canceled at every step: ENGINE=sqlite|services SEED=1
	@$(PY) -m bench.chaos --renders --faults 44 --engine $(ENGINE) --seed $(SEED)

prove-looks: setup ## every filter off, low, high and at its clamps at three sizes, every transition of 2 to 50 frames
	@$(PY) -m bench.catalogue $(ARGS)

prove-chunks: setup ## every filter, transition and speed in chunks beside the same in one pass: equal before the encoder, no worse at a seam behind it; ARGS="--only crossfade"
	@$(PY) -m bench.chunks $(ARGS)

prove-frames: setup ## N=200 random timelines rendered, from number FIRST on, every frame judged by an evaluator of its own
	@PROVE_FIRST=$(or $(FIRST),0) PROVE_FRAMES=$(or $(N),200) PROVE_WILD=$(or $(N),200) $(PY) -m pytest -q -n2 tests/flows/test_render_frames.py tests/flows/test_render_wild.py

prove-snapshots: setup ## N=10000 random requests, a third broken: a plan or a refusal by name; RUN=500 of the plans run, without a word from ffmpeg; both from number FIRST on
	@PROVE_FIRST=$(or $(FIRST),0) PROVE_SNAPSHOTS=$(or $(N),10000) PROVE_EXECUTED=$(or $(RUN),500) $(PY) -m pytest -q -n2 -p no:logging --timeout 0 tests/flows/test_render_snapshots.py

bench-edit: setup ## the planner beside four forms by hand, and a film again after one moved cut; CUTS=10,60 SECONDS=60
	@CUTS=$(or $(CUTS),10,60) SECONDS=$(or $(SECONDS),60) $(PY) -m bench.edit

mutate: setup    ## faults built into the planner: swapped cameras, a late cut, late sound, a lost filter; each must be noticed
	@$(PY) -m bench.mutate

prove-export: setup ## cameras of three rates, one drifting, cut 17 and 300 times into two films and a sound: every frame judged; SIZE=320x180
	@$(PY) -m bench.export --size $(or $(SIZE),320x180)

prove-long: setup ## an export of three hours whose sound drifts, held against the master's clock, and a smart output's cost; HOURS=3
	@$(PY) -m bench.long_export --hours $(or $(HOURS),3)

prove-exchange: setup ## N=1000 random timelines in every format, read back by others' readers; DTD=file: and FCPXML checked by Apple's
	@$(PY) -m bench.exchange --timelines $(or $(N),1000) --seed $(SEED) $(if $(FORMATS),--formats $(FORMATS)) $(if $(DTD),--dtd $(DTD))

clean:           ## remove what setup and the commands made
	rm -rf .venv node_modules build var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
