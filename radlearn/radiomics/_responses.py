"""Regions of filtered images: the masks of a region with the intensities of a response."""

from dataclasses import replace
from functools import partial

from radlearn._bounding_box import box_within, widened
from radlearn.filters.base import ImageFilter
from radlearn.radiomics._gaps import made_in_pieces, part_of, pieces_of, pieces_pay
from radlearn.radiomics.local_intensity import RADIUS


def response_names(filters, ndim):
    """Names of all responses, the beginnings of their columns.

    Parameters
    ----------
    filters : list of ImageFilter
    ndim : {3, 2}

    Returns
    -------
    names : list of str

    Raises
    ------
    TypeError
        If one is not a filter.
    ValueError
        If the parameters of a filter are not valid, or not for images of `ndim` dimensions, or a name is repeated.
    """
    names = []
    for position, image_filter in enumerate(filters):
        if not isinstance(image_filter, ImageFilter):
            raise TypeError(
                f"filters[{position}] is {image_filter!r}, expected a filter such as LaplacianOfGaussian(sigma=2)"
            )
        for name in image_filter.response_names(ndim):
            if name in names:
                raise ValueError(
                    f"filters[{position}] has the response {name!r}, which an earlier filter has, too; "
                    "use two extractors, joined by a FeatureUnion"
                )
            names.append(name)
    return names


def filtered_regions(volume, region, filters, *, looks_around):
    """The region in each response; no more of the image is filtered than that takes.

    Parameters
    ----------
    volume : Volume
    region : Region
        That of the volume itself. Its masks stay: intensities are re-segmented before an image is filtered.
    filters : list of ImageFilter
    looks_around : bool
        Whether local intensity is measured, which takes in what surrounds the region.

    Yields
    ------
    name : str
        In the order of `response_names`.
    region : Region
        Its first bin begins at the lowest intensity of the response.
    """
    margins = [int(RADIUS / step) + 1 if looks_around else 0 for step in volume.spacing]
    wide = widened(region.box, margins, volume.shape)
    inner = box_within(region.box, wide)
    bins, others = replace(region.bins, lowest=None), {"ivh_range": (None, None)}
    pieces = [] if looks_around or region.kept is None else pieces_of(region.mask, region.box, region.kept)
    for image_filter in filters:
        support = image_filter._support(volume.spacing)  # noqa: SLF001 - says how much more than a box is read
        if pieces and pieces_pay(pieces, region.box, support):
            made = made_in_pieces(partial(_responses_in, image_filter, volume), pieces, region.mask.shape)
            for name, response in zip(image_filter.response_names(volume.ndim), made, strict=True):
                yield name, region.with_image(response, bins, whole=None, box=None, **others)
            continue
        for name, response in image_filter.filtered(volume.image, volume.spacing, wide):
            image = part_of(response, inner, region.kept)
            yield name, region.with_image(image, bins, whole=response, box=inner, **others)


def _responses_in(image_filter, volume, box):
    return (response for _, response in image_filter.filtered(volume.image, volume.spacing, box))
