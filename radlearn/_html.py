"""How a cohort looks in a notebook: a line of counts, and thumbnails with the outlines of the masks."""

from base64 import b64encode
from html import escape
from io import BytesIO

import numpy as np
from PIL import Image
from scipy import ndimage

from radlearn._drawing import window_of
from radlearn.volume import central_slice

MAX_THUMBNAILS = 8
THUMBNAIL_PIXELS = 112
# Vermillion of the Okabe-Ito palette: seen on grey by everybody.
OUTLINE_RGB = (213, 94, 0)


def cohort_html(cohort):
    """Self-contained HTML of a cohort; a case that cannot be read shows its error.

    Parameters
    ----------
    cohort : Cohort

    Returns
    -------
    html : str
    """
    figures = "".join(_figure(case) for case in cohort[:MAX_THUMBNAILS])
    rest = len(cohort) - MAX_THUMBNAILS
    more = f"<p style='margin:4px 0;color:#666'>and {rest} more</p>" if rest > 0 else ""
    return (
        "<div style='font-family:sans-serif;font-size:12px'>"
        f"<p style='margin:4px 0'><b>{escape(repr(cohort))}</b></p>"
        f"<div style='display:flex;flex-wrap:wrap;gap:8px'>{figures}</div>{more}</div>"
    )


def grey_levels(image):
    """Image as 8-bit grey; NaN is black.

    Parameters
    ----------
    image : ndarray

    Returns
    -------
    grey : ndarray of uint8
    """
    low, high = window_of(image)
    shown = np.where(np.isnan(image), low, image).astype(float)
    with np.errstate(over="ignore"):  # what lies above is white, be it infinite
        return (255 * np.clip((shown - low) / max(high - low, np.finfo(float).tiny), 0, 1)).astype(np.uint8)


def _figure(case):
    try:
        picture = f"<img alt='' style='display:block' src='data:image/png;base64,{_thumbnail(case.load())}'>"
    except Exception as error:  # noqa: BLE001 - a notebook shows what is wrong with one case beside the others
        picture = (
            f"<div style='width:{THUMBNAIL_PIXELS}px;height:{THUMBNAIL_PIXELS}px;overflow:hidden;font-size:9px;"
            f"background:#f3f3f3;color:#a33'>{escape(str(error))}</div>"
        )
    caption = f"<figcaption style='overflow-wrap:anywhere'>{escape(case.id)}</figcaption>"
    return f"<figure style='margin:0;width:{THUMBNAIL_PIXELS}px'>{picture}{caption}</figure>"


def _thumbnail(volume):
    """PNG of a volume's central slice in base64, pixels square, mask outlined."""
    image, mask, spacing = central_slice(volume)
    extent = np.array(image.shape) * spacing
    # Of very large images every few pixels are enough, and the rest costs much time.
    step = tuple(slice(None, None, max(1, length // (8 * THUMBNAIL_PIXELS))) for length in image.shape)
    image, mask = image[step], None if mask is None else mask[step]
    height, width = np.maximum(1, np.round(THUMBNAIL_PIXELS * extent / extent.max())).astype(int)
    grey = Image.fromarray(grey_levels(image)).resize((int(width), int(height)), Image.Resampling.BILINEAR)
    pixels = np.array(grey.convert("RGB"))
    if mask is not None:
        small = np.array(Image.fromarray(mask).resize((int(width), int(height)), Image.Resampling.NEAREST))
        pixels[small & ~ndimage.binary_erosion(small)] = OUTLINE_RGB
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return b64encode(buffer.getvalue()).decode()
