"""The changes to measure: the smallest of each kind."""

from tools.cost.changes import batch, derivation, field, option, status

ALL = (derivation.CHANGE, status.CHANGE, option.CHANGE, field.CHANGE, batch.CHANGE)
