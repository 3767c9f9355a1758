"""Warnings that are held back in one thread."""

import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor

from radlearn._quiet import quiet


def test_threads_that_take_turns_hold_back_their_own_warnings_only():
    first, second = quiet(), quiet()
    with warnings.catch_warnings(record=True) as caught, ThreadPoolExecutor(1) as other:
        warnings.simplefilter("always")
        first.__enter__()
        other.submit(second.__enter__).result()
        warnings.warn("of the first, inside", stacklevel=1)
        first.__exit__(None, None, None)
        other.submit(warnings.warn, "of the second, inside").result()
        warnings.warn("of the first, outside", stacklevel=1)
        other.submit(second.__exit__, None, None, None).result()
        other.submit(warnings.warn, "of the second, outside").result()
    assert [str(warning.message) for warning in caught] == ["of the first, outside", "of the second, outside"]


def test_the_filter_is_there_once_however_many_others_come():
    with warnings.catch_warnings():
        before = len(warnings.filters)
        for number in range(5):
            warnings.filterwarnings("ignore", f"warning {number}")
            with quiet():
                warnings.warn("nobody sees it", stacklevel=1)
        assert len(warnings.filters) <= before + 5 + 1


def test_the_filter_that_is_sent_to_another_process_needs_no_radlearn():
    with warnings.catch_warnings():
        with quiet():
            pass
        sent = pickle.dumps(warnings.filters[0])
    assert b"radlearn" not in sent
    assert pickle.loads(sent)[1].match("a warning") is None
