"""Spatial autocorrelation: Moran's I and Geary's C, exact over all pairs of voxels."""

from radlearn.radiomics._family import Family
from radlearn.radiomics._pair_sums import pair_sums
from radlearn.radiomics._pair_transforms import deviations_from
from radlearn.radiomics._ratio import ratio


class Spatial(Family, name="spatial", ibsi=None):
    """Spatial autocorrelation: whether intensities that lie close together are alike.

    IBSI lists both features under morphology; they are a family of their own because they cost n log n, all others n.
    They read the intensity mask. Both are NaN for a single voxel, and where all intensities are equal.
    """

    def measure(self):
        """Sum over all pairs of voxels: weights, weighted products and weighted squared differences."""
        region = self.region
        x = region.intensities
        self.n = x.size
        if x.min() == x.max():  # rounding would make a deviation of the mean
            self.variance, self.weights, self.products, self.square_differences = 0.0, 0.0, 0.0, 0.0
            return
        mean = region.mean_intensity
        center = mean, float((x - mean).mean())  # and what rounding has taken from it
        squares = deviations_from(x, center)
        squares *= squares
        self.variance = float(squares.mean())
        del squares  # as large as the image, or twice as large
        self.weights, self.products, self.square_differences = pair_sums(
            x, region.intensity_mask, region.spacing, region.positions, center=center
        )


@Spatial.feature(
    ibsi="N365",
    unit="1",
    formula=r"\frac{N}{\sum_{k,l} w_{kl}}"
    r" \frac{\sum_{k,l} w_{kl} (x_k - \mu)(x_l - \mu)}{\sum_k (x_k - \mu)^2},\ w_{kl} = 1 / d_{kl}",
)
def morans_i(m):
    """Likeness of close intensities: near 0 at random, up to 1 if alike, below 0 if opposite; NaN if all are equal."""
    return ratio(m.products, m.weights * m.variance)


@Spatial.feature(
    ibsi="NPT7",
    unit="1",
    formula=r"\frac{N - 1}{2 \sum_{k,l} w_{kl}} \frac{\sum_{k,l} w_{kl} (x_k - x_l)^2}{\sum_k (x_k - \mu)^2}",
)
def gearys_c(m):
    """Difference of close intensities: near 1 at random, below if alike, above if opposite; NaN if all are equal."""
    return ratio((m.n - 1) * m.square_differences, 2 * m.weights * m.n * m.variance)
