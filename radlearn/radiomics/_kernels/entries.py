"""Matrices as lists of the entries that are not 0, sorted by matrix, then by grey level."""

import numpy as np

from radlearn._kernels.compiling import kernel


@kernel
def list_entries(tables, symmetric):
    """Entries of dense tables, without row and column 0, which stand for what is outside.

    Parameters
    ----------
    tables : ndarray of int64 or float64, shape (n_matrices, n_g + 1, n_g + 1)
        Overwritten, if `symmetric`.
    symmetric : bool
        Whether to list the sums of the tables and of their transposes.

    Returns
    -------
    places : ndarray of int64, shape (3, n_entries)
        Matrix, level and level of the neighbor of each entry: where in the tables it stands.
    counts : ndarray of float64, shape (n_entries,)
        The entries.
    """
    if symmetric:
        for matrix in range(tables.shape[0]):
            table = tables[matrix]
            for level in range(1, table.shape[0]):
                row = table[level]
                row[level] += row[level]
                for other in range(level + 1, row.size):
                    row[other] += table[other, level]
                    table[other, level] = row[other]
    n_entries = 0
    for matrix in range(tables.shape[0]):
        for level in range(1, tables.shape[1]):
            for neighbor in range(1, tables.shape[2]):
                n_entries += tables[matrix, level, neighbor] != 0
    places = np.empty((3, n_entries), np.int64)
    counts = np.empty(n_entries)
    entry = 0
    for matrix in range(tables.shape[0]):
        for level in range(1, tables.shape[1]):
            for neighbor in range(1, tables.shape[2]):
                if tables[matrix, level, neighbor] != 0:
                    places[0, entry] = matrix
                    places[1, entry] = level
                    places[2, entry] = neighbor
                    counts[entry] = tables[matrix, level, neighbor]
                    entry += 1
    return places, counts


@kernel
def count_items(matrices, levels, sizes, n_matrices):
    """Count the items of the same matrix, level and size in tables that have columns for the sizes that occur only.

    Parameters
    ----------
    matrices, levels, sizes : ndarray of int32, shape (n_items,)
        Levels and sizes begin at 1.
    n_matrices : int

    Returns
    -------
    tables : ndarray of int64, shape (n_matrices * (n_levels + 1), n_occurring + 1)
        One below the other; the first row of each, and column 0, are empty.
    occurring : ndarray of int64, shape (n_occurring + 1,)
        Size of each column; 0 for the first.
    """
    n_levels = largest = 0
    for item in range(levels.size):
        n_levels = max(n_levels, levels[item])
        largest = max(largest, sizes[item])
    # Fewer than 2**16 sizes occur: zones of so many sizes would have more than 2**31 voxels.
    columns = np.empty(largest + 1, np.uint16)
    for size in range(columns.size):
        columns[size] = 0
    for size in sizes:
        columns[size] = 1
    n_occurring = 0
    for column in columns:
        n_occurring += column
    occurring = np.zeros(n_occurring + 1, np.int64)
    column = 0
    for size in range(1, largest + 1):
        if columns[size]:
            column += 1
            columns[size] = column
            occurring[column] = size
    tables = np.zeros((n_matrices * (n_levels + 1), n_occurring + 1), np.int64)
    for item in range(levels.size):
        tables[matrices[item] * (n_levels + 1) + levels[item], columns[sizes[item]]] += 1
    return tables, occurring
