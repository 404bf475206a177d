"""What Dagster's steps ask for by name: the turn, held by the one run that is at work."""

from collections.abc import Iterator

import dagster as dg

from orchestration.backups import unfinished
from orchestration.instance import end_dead_runs
from orchestration.machine.turn import take
from orchestration.settings import Settings
from orchestration.state import standing


def turn_resource(settings: Settings, has_turn: bool = False) -> dg.ResourceDefinition:
    """The turn: what needs it begins once it is there, and holds it until the run ends.

    has_turn: whoever runs the job holds it already.
    """
    if has_turn:
        return dg.ResourceDefinition.none_resource()

    @dg.resource(description="Held by the one run that is at work; the others wait for it.")
    def turn(init: dg.InitResourceContext) -> Iterator[None]:
        def say(sentence: str) -> None:
            if init.log:
                init.log.info(f"turn: {sentence}")

        own = init.run.run_id if init.run else "without a name"
        with take(settings.lock, f"run {own}", settings.wait, say) as was_killed:
            if was_killed:
                standing.forget(settings)
            if init.instance:
                end_dead_runs(init.instance, alone=True, own=own)
            unfinished.check_none(settings)
            yield

    return turn
