"""Principal components of a baseline, and the distances of rows from it.

T2 (Hotelling) is the distance within the space of the kept components, SPE (squared prediction error, also
Q) that from this space; together they use all dimensions. Jackson and Mudholkar (1979), Control Procedures
for Residuals Associated With Principal Component Analysis. The error of each feature counts in its own
standard deviations, as in factor analysis: otherwise the features that depend least on others would hide
the errors of those that depend most.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CLIP = 4.0
"""Standardized values beyond it count as this for the correlation, so that outliers do not bend it."""
SMALLEST_ERROR = 1e-3
"""Smallest standard deviation of an error: below it are the digits that a file leaves out."""
SMALLEST_VARIANCE = 1e-8
"""Components with a smaller share of the mean variance are directions in which the baseline does not vary."""
IMPUTATIONS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Sums over standardized rows.

    Attributes:
        fourth: Sum of the squared squared lengths of the rows.
    """

    amount: int
    first: Floats
    second: Floats
    fourth: float

    def minus(self, other: "Moments") -> "Moments":
        """Return the sums over the rows that are not in the other."""
        return Moments(
            amount=self.amount - other.amount,
            first=self.first - other.first,
            second=self.second - other.second,
            fourth=self.fourth - other.fourth,
        )

    def plus(self, other: "Moments") -> "Moments":
        """Return the sums over the rows of both."""
        return Moments(
            amount=self.amount + other.amount,
            first=self.first + other.first,
            second=self.second + other.second,
            fourth=self.fourth + other.fourth,
        )


def no_moments(width: int) -> Moments:
    """Return the sums over no rows."""
    return Moments(amount=0, first=np.zeros(width), second=np.zeros((width, width)), fourth=0.0)


def moments_of(rows: Floats) -> Moments:
    """Return the sums over some standardized rows; what has no value counts as the median."""
    clipped = np.clip(np.nan_to_num(rows), -CLIP, CLIP)
    lengths = np.einsum("ij,ij->i", clipped, clipped)
    return Moments(
        amount=len(rows),
        first=clipped.sum(axis=0),
        second=clipped.T @ clipped,
        fourth=float(lengths @ lengths),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessModel:
    """What a baseline is like.

    Attributes:
        mean: Of the standardized features.
        loadings: Features by kept components.
        variances: Of the kept components, largest first.
        weights: By feature: 1 / variance of the error with which the components predict it.
        explained: Share of the variance that they keep.
        shrinkage: How far the correlation was drawn to none, 0 to 1; large for short baselines.
    """

    mean: Floats
    loadings: Floats
    variances: Floats
    weights: Floats
    explained: float
    shrinkage: float

    def distances(self, rows: Floats) -> tuple[Floats, Floats]:
        """Return T2 and SPE of standardized rows."""
        centered = self.completed(rows) - self.mean
        scores = centered @ self.loadings
        t2 = (scores**2 / self.variances).sum(axis=1)
        residual = centered - scores @ self.loadings.T
        return t2, residual**2 @ self.weights

    def completed(self, rows: Floats) -> Floats:
        """Return rows in which missing values are those that the components expect by the others."""
        absent = np.isnan(rows)
        some = np.flatnonzero(absent.any(axis=1))
        if not some.size:
            return rows
        full = np.where(absent, self.mean, rows)
        part, gaps = full[some] - self.mean, absent[some]
        for _ in range(IMPUTATIONS):
            part[gaps] = ((part @ self.loadings) @ self.loadings.T)[gaps]
        full[some] = part + self.mean
        return full

    def matrix_of(self, t2_limit: float, spe_limit: float) -> Floats:
        """Return the matrix of the combined index T2/limit + SPE/limit.

        Source:
            Yue and Qin (2001), Reconstruction-Based Fault Identification Using a Combined Index.
        """
        inside = (self.loadings / (self.variances * t2_limit)) @ self.loadings.T
        outside = np.eye(len(self.mean)) - self.loadings @ self.loadings.T
        return inside + (outside * (self.weights / spe_limit)) @ outside


def model_of(moments: Moments, explained_variance: float) -> ProcessModel:
    """Return the principal components of a baseline by its sums.

    At least as many are kept as explain the wanted share of the variance, and all that vary more than a
    single feature does (Kaiser 1960): a cause that is left out would hide faults among its own variations.
    """
    amount, width = moments.amount, len(moments.first)
    mean = moments.first / amount
    covariance = moments.second / amount - np.outer(mean, mean)
    shrinkage = _shrinkage(covariance, moments)
    level = float(np.trace(covariance)) / width
    values, vectors = np.linalg.eigh(covariance)
    found = np.maximum(values[::-1], 0.0)
    values = (1 - shrinkage) * found + shrinkage * level
    vectors = _with_signs(vectors[:, ::-1])
    shares = np.cumsum(values) / values.sum()
    enough = int(np.searchsorted(shares, explained_variance - 1e-12)) + 1
    wanted = max(enough, int((values > level).sum()))
    varying = int((values > SMALLEST_VARIANCE * level).sum())
    kept = max(1, min(wanted, varying, width - 1 if width > 1 else 1))
    loadings = np.ascontiguousarray(vectors[:, :kept])
    errors = np.diag(covariance) - loadings**2 @ found[:kept]
    return ProcessModel(
        mean=mean,
        loadings=loadings,
        variances=values[:kept],
        weights=1 / np.maximum(errors, SMALLEST_ERROR**2),
        explained=float(shares[kept - 1]),
        shrinkage=shrinkage,
    )


def _shrinkage(covariance: Floats, moments: Moments) -> float:
    """Return how far the covariance is to be drawn to a multiple of the identity.

    Source:
        Ledoit and Wolf (2004), A well-conditioned estimator for large-dimensional covariance matrices.
    """
    amount, width = moments.amount, len(covariance)
    squares = float((covariance**2).sum())
    level = float(np.trace(covariance)) / width
    away = squares - width * level**2
    noise = max(0.0, moments.fourth / amount - squares) / amount
    return min(1.0, noise / away) if away > 0 else 1.0


def _with_signs(vectors: Floats) -> Floats:
    """Return eigenvectors whose largest entry is positive, so that pictures do not turn over."""
    largest = np.abs(vectors).argmax(axis=0)
    signs = np.sign(vectors[largest, np.arange(vectors.shape[1])])
    return vectors * np.where(signs == 0, 1.0, signs)
