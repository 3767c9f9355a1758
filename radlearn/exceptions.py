"""Errors and warnings of radlearn: what was wrong, where, and what to do about it."""


class RadlearnError(ValueError):
    """A bad input, described in two parts: the problem and its remedy.

    Parameters
    ----------
    problem : str
        What was found, with the offending value and file.
    remedy : str, optional
        What the user can do.

    Attributes
    ----------
    case : str or None
        Id of the case in which it happened.
    step : str or None
        Name of the step that was working on the case.

    Examples
    --------
    >>> error = RadlearnError("the mask is empty", "draw one")
    >>> print(error.in_case("LUNG-017"))
    case 'LUNG-017': the mask is empty; draw one
    """

    def __init__(self, problem, remedy=""):
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy
        self.case = None
        self.step = None

    def in_case(self, case, step=None):
        """Note the case, and the step, in which the error happened; the first note stays.

        Parameters
        ----------
        case : str
            Id of the case.
        step : str, optional
            Name of the step.

        Returns
        -------
        error : RadlearnError
            The error itself, ready to be raised again.
        """
        self.case = self.case or case
        self.step = self.step or step
        return self

    def __str__(self):
        place = "" if self.case is None or f"'{self.case}'" in self.problem else f"case '{self.case}': "
        separator = "" if self.problem.endswith("\n") or not self.remedy else "; "  # a table ends its line itself
        return f"{place}{self.problem}{separator}{self.remedy}"


class ImageReadError(RadlearnError):
    """A file or an array cannot be read as an image."""


class GeometryError(RadlearnError):
    """Grids do not fit: of an image and its mask, or of an image and what a step needs."""


class MaskError(RadlearnError):
    """A mask is missing, empty or ambiguous, or leaves nothing to measure."""


class CohortError(RadlearnError):
    """A table of cases, its labels or its splits are not usable."""


class RadlearnWarning(UserWarning):
    """Something was repaired or left out; the message says what was done instead."""
