"""SimpleITK: its import, its images made of arrays, and its filters applied to arrays."""

from radlearn._optional import import_optional


def load_itk(purpose):
    """Import SimpleITK; where it is missing, the error says how to install it.

    Parameters
    ----------
    purpose : str
        What it is needed for, for the message.

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
    """Apply a filter of SimpleITK to an array, on one core: cases are what is processed in parallel.

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
