"""DICOM files made in code: series, multi-frame objects, segmentations and structure sets."""

from pathlib import Path

import numpy as np
from pydicom import Dataset, FileMetaDataset, Sequence, dcmwrite
from pydicom.uid import (
    CTImageStorage,
    EnhancedCTImageStorage,
    ExplicitVRLittleEndian,
    RLELossless,
    RTStructureSetStorage,
    SegmentationStorage,
    generate_uid,
)
from skimage.measure import find_contours

SERIES = "1.2.826.0.1.3680043.8.498.1"
FRAME = "1.2.826.0.1.3680043.8.498.2"
# What must never come out.
SECRETS = {
    "PatientName": "Doe^Jane^Secret",
    "PatientID": "HOSPITAL-4711",
    "PatientBirthDate": "19510203",
    "PatientComments": "lives in Secret Street",
    "PatientAddress": "Secret Street 7",
    "OtherPatientNames": "Secret^Maiden",
    "InstitutionName": "Secret Hospital",
    "ReferringPhysicianName": "Who^Secret",
    "OperatorsName": "Operator^Secret",
    "StudyDescription": "CT of Jane Secret",
    "SeriesDescription": "thorax Secret",
    "AccessionNumber": "SECRET0815",
    "StudyDate": "20190708",
    "StudyInstanceUID": "1.2.826.0.1.3680043.8.498.4711",
}


def dataset(sop_class, **elements):
    """Dataset with its file meta information; keywords are elements."""
    result = Dataset()
    result.SOPClassUID = sop_class
    result.SOPInstanceUID = generate_uid()
    result.SeriesInstanceUID = SERIES
    result.FrameOfReferenceUID = FRAME
    result.file_meta = FileMetaDataset()
    result.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    result.file_meta.MediaStorageSOPClassUID = sop_class
    result.file_meta.MediaStorageSOPInstanceUID = result.SOPInstanceUID
    for keyword, value in elements.items():
        if value is not None:
            setattr(result, keyword, value)
    return result


def item(**elements):
    result = Dataset()
    for keyword, value in elements.items():
        setattr(result, keyword, value)
    return result


def pixels(array, **elements):
    """Elements of an array of integers, the last two axes of which are rows and columns."""
    array = np.asarray(array)
    bits = array.dtype.itemsize * 8
    found = {
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": array.shape[-2],
        "Columns": array.shape[-1],
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": int(array.dtype.kind == "i"),
        "PixelData": array.tobytes() + b"\0" * (array.nbytes % 2),
    }
    return {**found, **elements}


def save(path, data):
    dcmwrite(path, data, enforce_file_format=True)
    return path


def run_length_encoded(data):
    """The dataset with compressed pixels; the encoder of gdcm crashes on small images."""
    data.compress(RLELossless, encoding_plugin="pydicom")
    return data


def ct_slice(array, position, number=1, **elements):
    defaults = {
        "Modality": "CT",
        "SeriesNumber": 3,
        "InstanceNumber": number,
        "ImagePositionPatient": [float(value) for value in position],
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "PixelSpacing": [0.75, 0.5],
        "SliceThickness": 2.5,
        "RescaleSlope": 1,
        "RescaleIntercept": -1000,
    }
    return dataset(CTImageStorage, **{**pixels(array), **defaults, **SECRETS, **elements})


def write_series(folder, array, *, places=None, order=None, **elements):
    """Write an array (z, y, x) as slices, 2.5 mm apart unless `places` says where; names in the order of `order`."""
    Path(folder).mkdir(exist_ok=True)
    places = 2.5 * np.arange(len(array)) - 10 if places is None else places
    order = range(len(array)) if order is None else order
    for name, k in enumerate(order):
        save(Path(folder) / f"IM{name:04d}", ct_slice(array[k], (-20, -30, places[k]), number=name + 1, **elements))
    return Path(folder)


def write_structures(path, masks, spacing=(2.5, 0.75, 0.5), origin=(-10, -30, -20), **elements):
    """Write regions (name -> array of bool) as a structure set, outlined half-way between voxels."""
    structures, curves = [], []
    for number, (name, mask) in enumerate(masks.items(), start=1):
        structures.append(item(ROINumber=number, ROIName=name, ReferencedFrameOfReferenceUID=FRAME))
        outlines = [
            np.column_stack([np.full(len(outline), z), outline]) * spacing + origin
            for z, plane in enumerate(mask)
            for outline in find_contours(np.pad(plane, 1).astype(float), 0.5)
            for outline in [outline[:-1] - 1]
        ]
        curves.append(
            item(
                ReferencedROINumber=number,
                ContourSequence=Sequence(
                    item(
                        ContourGeometricType="CLOSED_PLANAR",
                        NumberOfContourPoints=len(points),
                        ContourData=[f"{value:.4f}" for value in points[:, ::-1].ravel()],
                    )
                    for points in outlines
                ),
            )
        )
    data = dataset(
        RTStructureSetStorage,
        Modality="RTSTRUCT",
        StructureSetROISequence=Sequence(structures),
        ROIContourSequence=Sequence(curves),
        **{**SECRETS, **elements},
    )
    return save(path, data)


def functional_groups(position, **more):
    return item(PlanePositionSequence=[item(ImagePositionPatient=[float(value) for value in position])], **more)


def shared_groups(spacing=(0.75, 0.5), **more):
    return item(
        PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
        PixelMeasuresSequence=[item(PixelSpacing=list(spacing), SliceThickness=2.5)],
        **more,
    )


def write_segmentation(path, masks, *, origin=(-20, -30, -10), step=2.5, **elements):
    """Write regions (label -> array of bool) as a binary segmentation, without the frames that are empty."""
    frames, groups = [], []
    for number, mask in enumerate(masks.values(), start=1):
        for z in np.flatnonzero(mask.any(axis=(1, 2))):
            frames.append(mask[z])
            groups.append(
                functional_groups(
                    np.add(origin, (0, 0, z * step)),
                    SegmentIdentificationSequence=[item(ReferencedSegmentNumber=number)],
                )
            )
    bits = np.packbits(np.array(frames).ravel(), bitorder="little").tobytes()
    image = pixels(np.array(frames).astype(np.uint8), BitsAllocated=1, BitsStored=1, HighBit=0)
    image["PixelData"] = bits + b"\0" * (len(bits) % 2)
    defaults = {
        "Modality": "SEG",
        "SegmentationType": "BINARY",
        "NumberOfFrames": len(frames),
        "SegmentSequence": [item(SegmentNumber=n, SegmentLabel=name) for n, name in enumerate(masks, start=1)],
        "SharedFunctionalGroupsSequence": [shared_groups()],
        "PerFrameFunctionalGroupsSequence": groups,
    }
    return save(path, dataset(SegmentationStorage, **{**image, **SECRETS, **defaults, **elements}))


def write_enhanced(path, array, *, places, slopes, **elements):
    """Write an array (frame, y, x) as an enhanced CT object, each frame with its place and rescale slope."""
    groups = [
        functional_groups(
            (-20, -30, place),
            PixelValueTransformationSequence=[item(RescaleSlope=slope, RescaleIntercept=-10, RescaleType="HU")],
        )
        for place, slope in zip(places, slopes, strict=True)
    ]
    data = dataset(
        EnhancedCTImageStorage,
        Modality="CT",
        NumberOfFrames=len(array),
        SharedFunctionalGroupsSequence=[shared_groups()],
        PerFrameFunctionalGroupsSequence=groups,
        **{**pixels(array), **elements},
    )
    return save(path, data)
