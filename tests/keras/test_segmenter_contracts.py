"""Deep segmenters keep the promises of all steps that a network need not be trained well for."""

import numpy as np
import pytest
from sklearn.base import clone

pytest.importorskip("radlearn.keras", exc_type=ImportError)

import contracts
from radlearn.exceptions import MaskError
from radlearn.keras import ASPPSegmenter, UNetSegmenter, VNetSegmenter

SEGMENTERS = [UNetSegmenter, VNetSegmenter, ASPPSegmenter]


@pytest.mark.parametrize("kind", SEGMENTERS)
@pytest.mark.parametrize(
    "promise",
    [
        contracts.clones_and_prints,
        contracts.stores_parameters_unchanged,
        contracts.needs_fitting,
        contracts.refuses_what_is_no_cohort,
    ],
)
def test_promise_before_training(kind, promise):
    promise(kind(), 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    "promise",
    [
        contracts.leaves_its_input_untouched,
        contracts.pickles,
        contracts.is_lazy,
        contracts.keeps_identity,
        contracts.notes_itself_in_the_history,
        contracts.stays_a_cohort_with_pandas_output,
    ],
)
def test_promise_of_a_trained_network(promise):
    tiny = UNetSegmenter(patch_shape=(8, 8), filters=(2, 4), patches_per_case=1, epochs=1, random_state=0)
    promise(clone(tiny), 2)


# Rows of a dense array carry no masks, so that scikit-learn's checks of transformers, which fit on them, cannot be run.
@pytest.mark.parametrize("kind", SEGMENTERS)
def test_dense_rows_cannot_be_learned_from(kind):
    with pytest.raises(MaskError, match="case 'case-0000': the case has no mask to learn from"):
        kind(image_shape="row").fit(np.ones((5, 16)))
