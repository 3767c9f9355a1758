"""The part of the docstrings that all deep estimators have in common."""

from textwrap import indent

_LENGTH = """\
epochs : int, default={}
    Largest number of passes over the training cases.
batch_size : int, default={}
"""

_AUGMENT_IMAGES = """\
augment : Augment or callable, optional
    Random changes of the training images, drawn anew in every epoch: an `Augment`, or a function
    ``augment(images, random_state)`` that takes one batch ``(n, *input_shape, channels)`` and returns another.
"""

_AUGMENT_PATCHES = """\
augment : Augment, optional
    Random changes of the training patches, image and mask together, drawn anew in every epoch.
"""

_LEARNING = """\
random_state : int, RandomState or None, default=None
    Seed of weights, dropout, order and augmentation. The same seed gives the same weights, bit for bit, on the same
    machine with the same backend and the same number of threads; not so where PyTorch trains networks with dropout in
    several threads at a time.
learning_rate : float, default=1e-3
    Learning rate of Adam.
schedule : {"cosine", "plateau"} or callable, optional
    How the learning rate changes. ``"cosine"``: falls along half a cosine to a hundredth. ``"plateau"``: is halved
    after 3 epochs without a lower loss. A function ``schedule(epoch, rate)`` gives the rate of an epoch, counted
    from 0.
"""

_CLASS_WEIGHT = """\
class_weight : {"balanced"}, dict or None, default=None
    Weight of each class in the loss; ``"balanced"``: inversely to its frequency among what the network is given, the
    cases or the sequences of patients.
"""

_HELD_OUT_AND_KEPT = """\
validation_fraction : float, default=0.0
    Fraction of the patients whose cases are held out to monitor the training.
patience : int or None, default=None
    Stop after this many epochs without a lower loss on the cases held out, and restore the best epoch.
warm_start : bool, default=False
    Whether another call of `fit` continues from the weights of the last one, if classes and network are the same.
cache_gb : float, default=1.0
    Memory for prepared images, in GB. Images that do not fit are prepared again in every epoch, so that a cohort may
    be larger than the memory.
memory : None, path or joblib.Memory, default=None
    Folder of a cache for all prepared images.
n_jobs : int or None, default=None
    Number of threads that read and prepare the images of a batch.
verbose : int, default=0
    1: progress bar of Keras. 2: one line per epoch.
image_shape : "row" or tuple of int, optional
    Shape of the images that the rows of a dense `X` hold."""

_MASKS = """\
patch_shape : tuple of int, default=(128, 128)
    Voxels of a patch along each axis, two or three; multiples of 2 to the power of ``len(filters) - 1``.
filters : tuple of int, default=(16, 32, 64, 128)
    Number of filters of each level, from the finest.
dropout : float, default=0.2
    Fraction of the coarsest features that are dropped in training.
deep_supervision : bool, default=False
    Whether the coarser levels of the decoder are also trained to find the region.
loss : str, default="dice+crossentropy"
    ``"dice"``, ``"crossentropy"``, ``"focal"``, or a sum of them.
shape : tuple of int, optional
    Shape to which all images are resized for the network; with the same `patch_shape` it sees whole images.
spacing : float or tuple of float, optional
    Voxel spacing of the images that the network sees, in mm. Default: that of each image.
normalize : {"image", "cohort"} or None, default="image"
    How intensities are scaled, as for `CNNClassifier`.
patches_per_case : int, default=4
    Number of patches drawn from each case in an epoch.
foreground_fraction : float, default=0.5
    Fraction of the patches that are drawn around a voxel of the mask; the others are drawn anywhere.
overlap : float, default=0.5
    Fraction of a tile that overlaps with the next one, in prediction.
threshold : float, default=0.5
    Smallest probability at which a voxel belongs to the mask.
"""

TRAINING_PARAMETERS = _LENGTH.format(10, 16) + _AUGMENT_IMAGES + _LEARNING + _CLASS_WEIGHT + _HELD_OUT_AND_KEPT

SEGMENTER_PARAMETERS = _MASKS + _LENGTH.format(20, 8) + _AUGMENT_PATCHES + _LEARNING + _HELD_OUT_AND_KEPT

SEGMENTER_ATTRIBUTES = """\
history_ : dict of str to list of float
    Loss and Dice coefficient of the patches of each epoch, ``val_loss`` and so on of the cases held out.
model_ : keras.Model
    The trained network. Its layer ``logits`` gives the scores before the sigmoid.
intensity_scale_ : tuple of float
    Mean and standard deviation of the intensities; only with ``normalize="cohort"``."""

SEGMENTER_ERRORS = """\
MaskError
    If a training case has no mask.
GeometryError
    If an image has another number of axes than a patch.
ImageReadError
    If an image cannot be read, or holds NaN or infinity."""

TRAINING_ATTRIBUTES = """\
classes_ : ndarray of shape (n_classes,)
    The labels, sorted.
history_ : dict of str to list of float
    Loss and accuracy of each epoch, ``val_loss`` and ``val_accuracy`` of the cases held out.
intensity_scale_ : tuple of float
    Mean and standard deviation of the intensities; only with the normalization ``"cohort"``.
model_ : keras.Model
    The trained network. Its layer ``logits`` gives the scores before the softmax."""

TRAINING_ERRORS = """\
GeometryError
    If an image has another number of axes than the network takes.
ImageReadError
    If an image cannot be read, or holds NaN or infinity."""

TRAINING_NOTES = """\
The state of the global random generators of Python and NumPy is restored; those of Keras and its backend stay seeded.
Pickles hold arrays, never a Keras model, and work with another backend; `save_network` writes a file without any
code."""

SEGMENTER_NOTES = (
    """\
Trained on patches around random voxels. Images are predicted in tiles that overlap, whose probabilities are averaged
with Gaussian weights, so that images of any size are segmented in bounded memory. Cases hold the network as a pending
step; when they are pickled, its file is in `memory`, or in a temporary folder that is removed when the process ends.

"""
    + TRAINING_NOTES
)


def with_training(cls):
    """Put the sections that all deep estimators, or all segmenters, have in common into the docstring of one of them.

    Parameters
    ----------
    cls : type
        Its docstring has a line ``{training parameters}``, and so on, where they belong.

    Returns
    -------
    cls : type
        The same class.
    """
    for name, text in (
        ("training parameters", TRAINING_PARAMETERS),
        ("training attributes", TRAINING_ATTRIBUTES),
        ("training errors", TRAINING_ERRORS),
        ("training notes", TRAINING_NOTES),
        ("segmenter parameters", SEGMENTER_PARAMETERS),
        ("segmenter attributes", SEGMENTER_ATTRIBUTES),
        ("segmenter errors", SEGMENTER_ERRORS),
        ("segmenter notes", SEGMENTER_NOTES),
    ):
        placeholder = f"    {{{name}}}\n"
        if cls.__doc__:  # python -OO has none
            cls.__doc__ = cls.__doc__.replace(placeholder, indent(text, "    ") + "\n")
    return cls
