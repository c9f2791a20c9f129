"""`charner offline-plots`: makes the pages of `dvc plots` work without network access."""

import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from charner.support.errors import InputError
from charner.support.files import check_is_replaceable, replacing
from charner.support.process import raise_on_ctrl_c

DVC_FOLDER = Path(".dvc")
PAGE = "plots_page.html"  # git ignores it: it is large, and made in a second
VEGA_LITE = "6.4"  # of the major version that the templates in .dvc/plots are written for


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "offline-plots",
        help="make the pages of `dvc plots` work without network access",
        description="Makes `dvc plots show` and `dvc plots diff` write pages with all that they"
        " need in them. Run it once in each clone; `make` does it when it installs the"
        " requirements.",
    )
    parser.set_defaults(run=make_plots_page)


def make_plots_page(arguments: Namespace) -> int:
    """Writes the page that DVC puts its plots in, with Vega in it, and makes DVC use it.

    DVC's own page loads Vega from the web.

    Returns:
        The exit code.

    Raises:
        InputError: the folder is no repository of DVC, or the packages of the pipeline are missing.
    """
    raise_on_ctrl_c()
    if not DVC_FOLDER.is_dir():
        raise InputError("no folder .dvc is here; run this command in the folder of the project")
    check_is_replaceable(DVC_FOLDER / PAGE)
    try:
        import vl_convert
    except ImportError:
        raise InputError("vl-convert-python is not installed; see requirements.txt") from None
    # `</script` would end the script; and names of Vega's may be those of DVC's own scripts.
    bundle = vl_convert.javascript_bundle(vl_version=VEGA_LITE)  # type: ignore[call-arg]
    vega = bundle.replace("</script", "<\\/script")
    with replacing(DVC_FOLDER / PAGE) as path:
        path.write_text(HTML.replace("{vega}", f"(() => {{{vega}}})();"), encoding="utf-8")
    command = (sys.executable, "-m", "dvc", "config", "--quiet", "--local")
    done = subprocess.run([*command, "plots.html_template", PAGE], capture_output=True, text=True)
    if done.returncode:
        raise InputError(f"DVC does not take the page: {done.stderr}")
    return 0


HTML = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{refresh_tag}
<title>Plots of the pipeline</title>
<style>
body { margin: 1.5rem; background: #fff; color: #222; font-family: sans-serif }
main { display: flex; flex-wrap: wrap; gap: 2.5rem; align-items: flex-start }
main > div { max-width: 100%; overflow-x: auto }
</style>
<script>{vega}</script>
</head>
<body>
<main>
{plot_divs}
</main>
</body>
</html>
"""
