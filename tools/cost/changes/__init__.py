"""The changes that are measured, the smallest of each kind that a version brings."""

from tools.cost.changes import batch, derivation, field, option, status

ALL = (derivation.CHANGE, status.CHANGE, option.CHANGE, field.CHANGE, batch.CHANGE)
