"""The adapter `ansispark` of dbt: dbt-spark, with Spark's ANSI mode on.

dbt-spark turns it off so that one project runs on Spark 3 and 4 alike. A bad cast then becomes NULL and an overflow a
wrong number, without a word; here both fail.
"""

from pathlib import Path

from dbt.adapters.base.plugin import AdapterPlugin
from dbt.adapters.spark import SparkAdapter, SparkConnectionManager, SparkCredentials


class AnsiCredentials(SparkCredentials):
    """A profile of dbt-spark whose sessions are in ANSI mode, whatever it says itself."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.server_side_parameters["spark.sql.ansi.enabled"] = "true"

    @property
    def type(self) -> str:
        """The name by which profiles ask for this adapter."""
        return "ansispark"


class AnsiConnectionManager(SparkConnectionManager):
    """Connections of dbt-spark under this adapter's name."""

    TYPE = "ansispark"


class AnsiSparkAdapter(SparkAdapter):
    """dbt-spark under this adapter's name, which dbt takes from the name of the class as well."""

    ConnectionManager = AnsiConnectionManager


Plugin = AdapterPlugin(
    adapter=AnsiSparkAdapter,
    credentials=AnsiCredentials,
    include_path=str(Path(__file__).parent),
    dependencies=["spark"],
)
