# The two commands: `make repro` trains and judges the tagger, `make test` runs the tests. The rest
# are presets and chores.
# PYTHON names the interpreter that makes .venv: 3.11, 3.12 or 3.13.
PYTHON ?= python3
# dvc.yaml runs `python`, which must be that of .venv.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: repro test quick large char_lstm article plots lock

repro: .venv/.installed
	.venv/bin/dvc repro
	.venv/bin/python -m charner.report
	@echo "To see the plots: .venv/bin/dvc plots show --open"

test: .venv/.installed-test
	.venv/bin/python -m pytest

# Presets: other settings, each as an experiment that starts from the committed params.yaml. To go
# back: `git restore params.yaml && dvc repro`.
define experiment
@git diff --quiet HEAD -- params.yaml || \
  { echo "params.yaml has changes: commit them, or undo them by: git restore params.yaml"; exit 1; }
.venv/bin/dvc exp run
endef

# The default's architecture, smaller and for fewer epochs.
quick: .venv/.installed
	$(experiment) \
	  -S model.architecture=cnn_lstm_crf -S model.cnn_lstm_crf.lstm_units=150 -S train.epochs=5

# The default's architecture, larger.
large: .venv/.installed
	$(experiment) -S model.architecture=cnn_lstm_crf -S model.cnn_lstm_crf.lstm_units=300

# A label for every character.
char_lstm: .venv/.installed
	$(experiment) \
	  -S model.architecture=char_lstm \
	  -S train.epochs=20 -S train.learning_rate=0.004 -S train.warmup=0.025 \
	  -S train.clip_norm=1 -S train.case_change=0 -S train.mistyping=0.05

# The article's own model.
article: .venv/.installed
	$(experiment) \
	  -S model.architecture=char_lstm -S model.char_lstm.embedding_dim=256 \
	  -S model.char_lstm.lstm_units=1024 -S model.char_lstm.lstm_layers=1 \
	  -S model.char_lstm.bidirectional=false -S model.char_lstm.dropout=0 \
	  -S model.char_lstm.character_dropout=0 \
	  -S train.epochs=20 -S train.patience=20 -S train.batch_size=128 -S train.learning_rate=0.001 \
	  -S train.learning_rate_schedule=constant -S train.warmup=0 -S train.clip_norm=null \
	  -S train.weight_average=0 -S train.mention_replacement=0 -S train.case_change=0 \
	  -S train.mistyping=0

# The pictures in docs, from the plots of the last run.
plots: .venv/.installed-test
	.venv/bin/python docs/draw_plots.py

# Renews the exact versions after an edit of requirements.txt or requirements-test.txt.
lock: | .venv/pyvenv.cfg
	.venv/bin/python -m pip install "uv ~= 0.13"
	.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-annotate \
	  --custom-compile-command "make lock" --output-file requirements.lock requirements-test.txt

.venv/pyvenv.cfg:
	$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/.installed: requirements.txt requirements.lock | .venv/pyvenv.cfg
	@echo "Installing the requirements into .venv: about 2 GB, a minute or more"
	.venv/bin/python -m pip install --quiet -r requirements.txt -c requirements.lock
	touch $@

.venv/.installed-test: requirements-test.txt .venv/.installed
	.venv/bin/python -m pip install --quiet -r requirements-test.txt -c requirements.lock
	touch $@
