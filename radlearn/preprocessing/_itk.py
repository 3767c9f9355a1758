"""Images of SimpleITK, made of arrays, and back."""

from radlearn._optional import import_optional


def load_itk(purpose):
    """SimpleITK, or an error that says how to get it.

    Parameters
    ----------
    purpose : str
        What needs it.

    Returns
    -------
    SimpleITK : module
    """
    return import_optional("SimpleITK", extra="itk", purpose=purpose)


def itk_image(sitk, array, spacing):
    """An image of SimpleITK.

    Parameters
    ----------
    sitk : module
    array : ndarray of shape (z, y, x) or (y, x)
    spacing : tuple of float
        In mm, in the order of the axes.

    Returns
    -------
    image : SimpleITK.Image
    """
    image = sitk.GetImageFromArray(array)
    image.SetSpacing([float(mm) for mm in reversed(spacing)])
    return image


def filtered(sitk, image_filter, array, spacing):
    """What a filter of SimpleITK makes of an array, on one core: work is shared out over cases.

    Parameters
    ----------
    sitk : module
    image_filter : SimpleITK.ImageFilter
    array : ndarray of shape (z, y, x) or (y, x)
    spacing : tuple of float
        In mm, in the order of the axes.

    Returns
    -------
    filtered : ndarray of the same shape
    """
    image_filter.SetNumberOfThreads(1)
    return sitk.GetArrayFromImage(image_filter.Execute(itk_image(sitk, array, spacing)))
