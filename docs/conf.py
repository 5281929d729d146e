"""The documentation site: Sphinx, with pages in Markdown. ``make docs`` builds it into build/docs."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import autograd_lite  # noqa: E402 - found by the line above

project = "autograd_lite"
author = "the autograd_lite contributors"
copyright = author
release = version = autograd_lite.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_design",
    "site_parts",
]
exclude_patterns = ["Thumbs.db"]
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
# Notebooks are shown with the outputs that they hold; tests/docs/test_notebooks.py runs them.
nb_execution_mode = "off"
nb_ipywidgets_js = {}  # would be fetched; no notebook has widgets
# A page names what it is about as code; a name of the package becomes a link to its reference.
default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
suppress_warnings = ["myst.header"]  # a page of the reference may begin with a heading of its kind

html_theme = "furo"
html_title = f"autograd_lite {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_math_renderer = "mathml"  # by the browser itself: nothing is fetched, and it prints
html_copy_source = False
html_show_search_summary = False  # it would be fetched, which a browser refuses for files
html_show_sourcelink = False
pygments_style = "tango"
pygments_dark_style = "github-dark"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
