"""Losses of segmenters by name, and their sums."""

from radlearn._validation import check_choice
from radlearn.keras._backend import load_keras


def segmentation_loss(name):
    """Loss function of a name, which gives Keras one value per patch.

    Parameters
    ----------
    name : str
        ``"dice"``: 1 minus the Dice coefficient of probabilities and truth. ``"crossentropy"``. ``"focal"``:
        cross-entropy in which voxels that are right already count less. Or a sum, such as ``"dice+crossentropy"``.

    Returns
    -------
    loss : callable
        ``loss(truth, probabilities)`` gives ``(n,)`` for truth ``(n, *patch, 1)``; of several channels of
        probabilities the mean is taken.

    Raises
    ------
    ValueError
        If there is no such loss.

    References
    ----------
    F. Milletari et al., V-Net, 3DV 2016; T.-Y. Lin et al., Focal loss for dense object detection, ICCV 2017.
    """
    parts = [_LOSSES[check_choice("loss", part, tuple(_LOSSES))] for part in str(name).split("+")]

    def loss(truth, probabilities):
        channels = [probabilities[..., k : k + 1] for k in range(probabilities.shape[-1])]
        return sum(part(truth, channel) for part in parts for channel in channels) / len(channels)

    return loss


def dice_coefficient(truth, probabilities):
    """Mean Dice coefficient of the patches, for probabilities above one half; a metric.

    Parameters
    ----------
    truth : tensor of shape (n, *patch, 1)
    probabilities : tensor of shape (n, *patch, channels)
        The first channel counts.

    Returns
    -------
    dice : tensor of shape (n,)
        1 for a patch without any region in which none is found.
    """
    ops = load_keras().ops
    found = ops.cast(probabilities[..., :1] > 0.5, truth.dtype)
    is_empty = ops.cast(_per_patch(ops.maximum(truth, found)) == 0, truth.dtype)
    return 1 - _dice(truth, found) + is_empty


def _dice(truth, probabilities):
    return load_keras().losses.dice(truth, probabilities, axis=tuple(range(1, len(truth.shape))))


def _crossentropy(truth, probabilities):
    return _per_patch(load_keras().losses.binary_crossentropy(truth, probabilities))


def _focal(truth, probabilities):
    return _per_patch(load_keras().losses.binary_focal_crossentropy(truth, probabilities))


def _per_patch(values):
    return load_keras().ops.mean(values, axis=tuple(range(1, len(values.shape))))


_LOSSES = {"dice": _dice, "crossentropy": _crossentropy, "focal": _focal}
