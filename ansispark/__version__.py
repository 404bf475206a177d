"""What dbt tells of this adapter in its log: the version of the one below."""

from dbt.adapters.spark.__version__ import version

__all__ = ["version"]
