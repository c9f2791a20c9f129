"""Draws the plots of `dvc plots show` as docs/images/*.png, from the same templates and data.

Run it from the project's root, after `dvc repro`: python docs/draw_plots.py
"""

import json
import subprocess
from pathlib import Path

import vl_convert

VEGA_LITE = "6.4"  # the same major version as in the templates
PICTURES = (  # in the docs
    *("loss", "accuracy", "entity_f1", "history"),
    *("entities", "confusion_characters", "reliability"),
)

if __name__ == "__main__":
    shown = subprocess.run(
        ["dvc", "plots", "show", "--json"], check=True, capture_output=True, text=True
    )
    for name, plots in json.loads(shown.stdout)["data"].items():
        if Path(name).stem not in PICTURES:
            continue
        picture = vl_convert.vegalite_to_png(plots[0]["content"], vl_version=VEGA_LITE)
        Path("docs/images", f"{Path(name).stem}.png").write_bytes(picture)
