# The main commands: `make repro` trains and evaluates the tagger, `make test` runs the tests.
# `make help` lists the others.
# PYTHON is the interpreter that creates .venv: 3.11, 3.12 or 3.13.
PYTHON ?= python3
# dvc.yaml runs `python`; it must be the one in .venv.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Where this is set, Python keeps nothing that it has compiled: each process compiles TensorFlow and
# all else again, which takes longer than most tests.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help install repro test test-all quick small without_vectors character_lstm article plots lint format lock audit

help:  ## show this list
	@sed -n 's/^\([a-z_-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16
	@echo "Presets change params.yaml. To go back: git restore params.yaml && make repro"

repro: .venv/.installed  ## train and evaluate, print the scores (default: test F1 0.91; training took 6 min)
	.venv/bin/dvc repro
	.venv/bin/charner report
	@.venv/bin/dvc params diff
	@echo "To see the plots: .venv/bin/dvc plots show --open"

# Tests of a file stay together, since some share what takes long to make; but a process that is
# done takes over half of what another has left.
PYTEST = .venv/bin/python -m pytest -n 2 --dist worksteal --durations 10

install: .venv/.installed  ## install the requirements in .venv, no more

test: .venv/.installed-test  ## run the tests that are not slow, 4 min
	$(PYTEST) -m "not slow"
	@echo "The slow tests were left out: make test-all runs all."

test-all: .venv/.installed-test  ## run all tests, 10 min
	$(PYTEST)

# Presets: each runs other settings as a DVC experiment that starts from the committed params.yaml.
# OPTIONS are further options of `dvc exp run`; of two values for a key, DVC takes the last.
define preset
@git diff --quiet HEAD -- params.yaml || \
  { echo "params.yaml has changes: commit them, or undo them by: git restore params.yaml"; exit 1; }
.venv/bin/dvc exp run $(1) $(OPTIONS)
$(if $(filter --queue --temp,$(OPTIONS)),,.venv/bin/charner report HEAD)
endef

SMALL = -S model.architecture=cnn_lstm_crf -S model.cnn_lstm_crf.lstm_units=100 \
  -S model.cnn_lstm_crf.filters=32 -S model.cnn_lstm_crf.token_dim=50

WITHOUT_VECTORS = -S model.architecture=cnn_lstm_crf -S char_encode.vectors=none

quick: .venv/.installed  ## preset, half the size and 4 epochs: test F1 0.883; training took 82 s
	$(call preset,$(SMALL) -S train.epochs=4)

small: .venv/.installed  ## preset, half the size, tags faster
	$(call preset,$(SMALL))

without_vectors: .venv/.installed  ## preset, no word vectors: an epoch reads train twice, test F1 0.89
	$(call preset,$(WITHOUT_VECTORS))

character_lstm: .venv/.installed  ## preset, no word vectors, an LSTM over the characters in place of the CNN
	$(call preset,$(WITHOUT_VECTORS) -S 'model.cnn_lstm_crf.filter_widths=[]' \
	  -S model.cnn_lstm_crf.character_lstm_units=32 -S train.epochs=10)

article: .venv/.installed  ## preset, the model of the article: 1 to 3 hours
	$(call preset,-S char_encode.vectors=none -S model.architecture=char_lstm \
	  -S model.char_lstm.embedding_dim=256 \
	  -S model.char_lstm.lstm_units=1024 -S model.char_lstm.lstm_layers=1 \
	  -S model.char_lstm.bidirectional=false -S model.char_lstm.dropout=0 \
	  -S model.char_lstm.character_dropout=0 \
	  -S train.epochs=20 -S train.patience=20 -S train.batch_size=128 -S train.min_steps=1 \
	  -S train.passes_without_vectors=1 -S train.learning_rate=0.001 \
	  -S train.learning_rate_schedule=constant -S train.warmup_fraction=0 -S train.clip_norm=null \
	  -S train.mention_replacement=0 -S train.case_change=0 -S train.tokens_with_typo=0)

plots: .venv/.installed-test  ## draw the pictures in docs/images from the last run's plots
	.venv/bin/python -m docs.draw_plots

lint: .venv/.installed-test  ## check style, types, the imports between rooms, and the workflows
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo
	.venv/bin/zizmor --offline --quiet .github/workflows

format: .venv/.installed-test  ## format the code
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

LOCK = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --no-annotate \
  --generate-hashes --custom-compile-command "make lock"

lock: | .venv/pyvenv.cfg  ## update requirements*.lock after a change of requirements*.txt
	.venv/bin/python -m pip install "uv ~= 0.13"
	$(LOCK) --upgrade --output-file requirements-test.lock requirements-test.txt
	$(LOCK) --constraint requirements-test.lock --output-file requirements.lock requirements.txt

audit: | .venv/pyvenv.cfg  ## look for known vulnerabilities of the locked versions
	.venv/bin/python -m pip install --quiet "pip-audit ~= 2.10"
	.venv/bin/pip-audit --disable-pip --require-hashes -r requirements-test.lock

.venv/pyvenv.cfg:
	$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

# Not compiled: Python does so where it first uses a file, and most are never used.
.venv/.installed: requirements.lock pyproject.toml | .venv/pyvenv.cfg
	@echo "Installing the requirements into .venv: about 2 GB, a minute or more"
	.venv/bin/python -m pip install --quiet --no-compile --require-hashes -r requirements.lock
	.venv/bin/python -m pip install --quiet --no-deps --editable .
	.venv/bin/charner offline-plots
	touch $@

.venv/.installed-test: requirements-test.lock .venv/.installed
	.venv/bin/python -m pip install --quiet --no-compile --require-hashes -r requirements-test.lock
	touch $@
