"""Draws the pictures of the docs, docs/images/*.png.

Most are the plots of `dvc plots show`, from the same templates and data; the last one is drawn from
the records of `benchmarks.corpora`. Run it from the project's root, after `dvc repro`:

    python -m docs.draw_plots
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import vl_convert

from benchmarks.corpora import by_training, recorded
from benchmarks.sweep import COLOURS
from charner.commands.offline_plots import VEGA_LITE

PICTURES = (  # in the docs
    *("loss", "accuracy", "entity_f1", "history"),
    *("entities", "confusion_characters", "reliability"),
)


def scores_and_costs() -> dict[str, Any]:
    """Entity F1 on CoNLL-2003 against training time and tagging speed, as a Vega-Lite picture."""
    points = []
    for system, trainings in by_training(recorded())["CoNLL-2003"].items():
        seconds = min(record.seconds for record in trainings)
        speed = max(record.speed for record in trainings)
        points += [
            {"system": system, "test": record.test, "seconds": seconds, "speed": speed}
            for record in trainings
        ]
    panels = []
    for field, title in (("seconds", "seconds of training"), ("speed", "tokens tagged per second")):
        at = {"field": field, "type": "quantitative", "title": f"{title}, one core (log scale)"}
        at |= {"scale": {"type": "log", "nice": False, "padding": 40}}
        score = {"field": "test", "type": "quantitative", "title": "entity F1, test"}
        score |= {"scale": {"zero": False, "padding": 15}}
        highest = {"x": at, "y": score | {"aggregate": "max"}}
        panels.append(
            {
                "width": 330,
                "height": 260,
                "encoding": {
                    "color": {"field": "system", "legend": None, "scale": {"range": COLOURS}}
                },
                "layer": [
                    {"mark": {"type": "point", "filled": True}, "encoding": {"x": at, "y": score}},
                    {
                        "mark": {"type": "text", "dy": -14, "fontSize": 12},
                        "encoding": highest | {"text": {"field": "system"}},
                    },
                ],
            }
        )
    return {"data": {"values": points}, "hconcat": panels}


def draw(picture: dict[str, Any], name: str) -> None:
    png = vl_convert.vegalite_to_png(picture, vl_version=VEGA_LITE, scale=1)
    Path("docs/images", f"{name}.png").write_bytes(png)


if __name__ == "__main__":
    shown = subprocess.run(
        ["dvc", "plots", "show", "--json"], check=True, capture_output=True, text=True
    )
    for name, plots in json.loads(shown.stdout)["data"].items():
        if Path(name).stem in PICTURES:
            draw(plots[0]["content"], Path(name).stem)
    draw(scores_and_costs(), "scores_and_costs")
