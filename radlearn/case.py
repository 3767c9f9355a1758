"""Case: one subject's image and mask, read when they are needed."""

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from types import MappingProxyType
from typing import Protocol

import numpy as np
import pandas as pd

from radlearn._labels import check_mask_label, labels_of, no_voxel, voxels_of
from radlearn._pseudonym import check_key, pseudonym
from radlearn.exceptions import CohortError, MaskError, RadlearnError, RadlearnWarning
from radlearn.io import ArraySource, DicomSource, ReadSource, as_source, file_stem, read_image, read_mask
from radlearn.io.source import printable
from radlearn.volume import Volume, check_same_grid


class PendingStep(Protocol):
    """What a case keeps of a step until it is loaded."""

    name: str

    def run(self, case):
        """Load `case`, which does not have this step yet, and return the changed Volume."""

    def fingerprint(self):
        """Digest of everything that decides the outcome: parameters, version, what was learned."""


@dataclass(frozen=True, eq=False, repr=False)
class Case:
    """One subject's image with its region of interest and identity, not yet read.

    Cases never change: :meth:`with_step` returns a new one. A case is not a container (it has no length and no items),
    so that NumPy does not unpack it.

    Parameters
    ----------
    image : path, list of path, array or source
        Where the image comes from: a file, a DICOM series in a folder or in a list of files, an array ``(z, y, x)`` or
        ``(y, x)``, or a source of `radlearn.io`.
    mask : path, array or source, optional
        The region of interest on the same grid, or a DICOM segmentation or structure set. Without it, extractors take
        the whole image.
    id : str, optional
        Name of the case in tables and messages. Default: the name of the file, with its volume, or a digest of the
        array.
    patient : str, optional
        Pseudonym of the patient; images of one patient are never on both sides of a split. Default: the id, without the
        number of the `volume` that the default id ends with.
    mask_label : int, str or sequence of them, optional
        Label of the region in the mask. Several labels are merged; absent ones are ignored. DICOM segments and
        structures can also be given by name, or by a pattern such as ``"GTV*"``. Default: the only label in the mask.
    spacing : tuple of float, optional
        Distance of voxel centers in mm, in the order of the axes; overrides the file.
    channel : int, optional
        Channel of a color image. Default: its luminance.
    volume : int, optional
        Which volume of an image file of four dimensions is the image, counted from 0.
    meta : mapping, optional
        Further data, such as site, scanner and age. Data from a DICOM header are added when the case is loaded.
    pending : tuple of PendingStep
        Steps that are applied on loading, in this order.

    Raises
    ------
    TypeError
        If image or mask is not something that can be read, or `meta` is not a mapping.
    CohortError
        If `id` or `patient` is blank or NaN, as from an empty cell of a table.

    Examples
    --------
    >>> case = Case(np.eye(3), mask=np.tri(3, dtype=int), id="unit")
    >>> case
    Case('unit')
    >>> case.load().shape
    (3, 3)
    """

    image: object
    mask: object = None
    id: str | None = None
    patient: str | None = None
    mask_label: int | str | tuple[int | str, ...] | None = None
    spacing: tuple[float, ...] | None = None
    channel: int | None = None
    volume: int | None = None
    meta: Mapping = field(default_factory=dict)
    pending: tuple = ()

    def __post_init__(self):
        try:
            image = as_source(self.image)
            mask = None if self.mask is None else as_source(self.mask)
        except RadlearnError as error:  # an array that is no image
            if self.id is not None:
                error.in_case(printable(str(self.id)))
            raise
        for role in ("id", "patient"):
            name = getattr(self, role)
            if _is_missing(name):
                raise CohortError(
                    f"{role} of the case of {image.name} is missing ({name!r})", "name it, or leave it out"
                )
        if not isinstance(self.meta, Mapping | None):
            raise TypeError(f"meta must be a mapping such as {{'site': 'A'}}, got {self.meta!r}")
        image_id = _default_id(image) if self.id is None else printable(str(self.id))
        case_id = image_id if self.id is not None or self.volume is None else f"{image_id}-{self.volume}"
        checked = {
            "image": image,
            "mask": mask,
            "id": case_id,
            "patient": image_id if self.patient is None else printable(str(self.patient)),
            "mask_label": check_mask_label(self.mask_label),
            "meta": MappingProxyType(dict(self.meta or {})),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def has_mask(self):
        """Whether the case was given a mask, or a pending step makes one."""
        return self.mask is not None or any(getattr(step, "makes_mask", False) for step in self.pending)

    def with_step(self, step):
        """Copy that applies one more step when it is loaded.

        Parameters
        ----------
        step : PendingStep

        Returns
        -------
        case : Case
        """
        return replace(self, pending=(*self.pending, step))

    def pseudonymized(self, *, key):
        """Copy whose id and patient are keyed hashes, and whose messages show no file name; see `Cohort.pseudonymized`.

        Parameters
        ----------
        key : str or bytes
            At least 16 bytes.

        Returns
        -------
        case : Case
        """
        key = check_key(key)
        case_id = pseudonym(self.id, key)
        return replace(
            self,
            id=case_id,
            patient=pseudonym(self.patient, key),
            image=self.image.named(f"image of {case_id}"),
            mask=None if self.mask is None else self.mask.named(f"mask of {case_id}"),
        )

    def load(self):
        """Read image and mask, check them against each other and apply the pending steps.

        Returns
        -------
        volume : Volume

        Raises
        ------
        ImageReadError
            If a file is missing or damaged.
        GeometryError
            If image and mask lie on different grids.
        MaskError
            If the mask is empty or its label absent, or if it has several labels and none is chosen.

        Warns
        -----
        RadlearnWarning
            If the mask covers the whole image, which is rarely intended.
        """
        step = self.pending[-1] if self.pending else None
        name = "reading" if step is None else step.name
        try:
            return self._read() if step is None else step.run(replace(self, pending=self.pending[:-1]))
        except RadlearnError as error:
            raise error.in_case(self.id, name)  # noqa: B904 - the same error, which now knows its place
        except Exception as error:
            note = f"in case {self.id!r}"
            if not any(known.startswith(note) for known in getattr(error, "__notes__", ())):
                error.add_note(f"{note}, step {name} ({self.image.name})")
            raise

    def read_image(self):
        """Read the image as it is in its file; :meth:`load` also reads the mask and applies the pending steps.

        Returns
        -------
        image : ImageData

        Raises
        ------
        ImageReadError
            If the file is missing or damaged.
        GeometryError
            If voxel size or orientation are impossible.
        """
        return read_image(self.image, channel=self.channel, spacing=self.spacing, volume=self.volume)

    def per_label(self):
        """One case per label of the mask; image and mask are read now, once for all of them.

        Returns
        -------
        cases : list of Case
            In the order of the labels, which are appended to the ids: ``case:label``.

        Raises
        ------
        ImageReadError
            If a file is missing or damaged.
        MaskError
            If there is no mask, or no label in it.
        """
        try:
            if self.mask is None:
                raise MaskError("there is no mask, so it has no labels", "give a mask, or leave mask_label out")
            image_data = self.read_image()
            mask_data = read_mask(self.mask, image_data, spacing=self.spacing)
            labels = labels_of(mask_data.array, self._mask_place)
            if labels.size == 0:
                raise no_voxel(self._mask_place, labels, mask_data.label_names)
        except RadlearnError as error:
            raise error.in_case(self.id, "reading")  # noqa: B904 - the same error, which now knows its place
        # As small as the labels allow: each case compares all of it.
        mask_data = mask_data._replace(array=mask_data.array.astype(np.min_scalar_type(int(labels[-1])), copy=False))
        image, mask = ReadSource(self.image, image_data), ReadSource(self.mask, mask_data)
        return [
            replace(self, image=image, mask=mask, mask_label=int(label), id=f"{self.id}:{label}") for label in labels
        ]

    def fingerprint(self):
        """Digest of everything that determines the result of :meth:`load`; of files, their path, size and time.

        Returns
        -------
        digest : str
        """
        parts = {
            "image": self.image.fingerprint(),
            "mask": None if self.mask is None else self.mask.fingerprint(),
            "mask_label": self.mask_label,
            "spacing": None if self.spacing is None else [float(value) for value in np.atleast_1d(self.spacing)],
            "channel": None if self.channel is None else int(self.channel),
            "volume": None if self.volume is None else int(self.volume),
            "steps": [step.fingerprint() for step in self.pending],
        }
        return blake2b(json.dumps(parts).encode(), digest_size=20).hexdigest()

    def _read(self):
        image = self.read_image()
        mask = None
        if self.mask is not None:
            labels = read_mask(self.mask, image, label=self.mask_label, spacing=self.spacing)
            check_same_grid(image, labels, (self.image.name, self.mask.name))
            mask = voxels_of(self.mask_label, labels, self._mask_place)
            if mask.all():
                message = f"{self._mask_place} covers the whole image; leave it out where the whole image is meant"
                warnings.warn(message, RadlearnWarning, stacklevel=3)
        return Volume(
            image.array,
            mask=mask,
            spacing=image.spacing,
            affine=image.affine,
            modality=image.modality,
            history=image.history,
            id=self.id,
            patient=self.patient,
            meta={**image.meta, **self.meta},
        )

    @property
    def _mask_place(self):
        return f"mask of case {self.id!r} ({self.mask.name})"

    def __repr__(self):
        return f"Case({self.id!r})"

    def __getstate__(self):
        return {**self.__dict__, "meta": dict(self.meta)}

    def __setstate__(self, state):
        self.__dict__.update({**state, "meta": MappingProxyType(state["meta"])})


def _is_missing(name):
    """Whether a name is what tables have in place of one: a blank, NaN or NA."""
    if isinstance(name, str):
        return not name.strip()
    return name is not None and np.ndim(name) == 0 and pd.isna(name)


def _default_id(source):
    """Name of the file without its endings, name of the folder, or the start of the array's digest."""
    if isinstance(source, ArraySource | ReadSource):
        return f"array-{source.fingerprint()[:8]}"
    if isinstance(source, DicomSource):
        return file_stem(source.paths[0])
    stem = file_stem(source.member or source.path)
    return stem if source.row is None else f"{stem}-{source.row}"
