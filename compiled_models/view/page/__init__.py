"""The page: one file in which a transformer runs a machine in front of you.

The network's own weights are embedded, and JavaScript (`script/`, in modules, the same stages as in Python) generates
the run from them; nothing is computed beforehand. `page` fills the template.
"""

from compiled_models.view.page.page import page, site_page, weights_page

__all__ = ["page", "site_page", "weights_page"]
