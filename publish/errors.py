"""What stops a release. Whatever is raised here, the release before stays in force."""


class PublishError(Exception):
    """No release can be made from this state; the message names the cause and the remedy."""


class TryLaterError(PublishError):
    """A server or the line to it fails for now; the same may go well a little later."""


class CatalogError(PublishError):
    """The dictionary of a dataset is incomplete."""


class GateError(PublishError):
    """The results of the checks do not belong to this run or to these datasets."""
