"""The one exception whose text is meant for the user."""


class UserError(ValueError):
    """A mistake the user can mend; its message is one sentence that names the rule, the value and the remedy.

    Commands print it without a traceback and exit with code 2.
    """
