"""Errors of the legal parameter files."""


class ParameterError(ValueError):
    """A parameter file breaks a rule of its form; the message (Japanese) names file and place."""


class MissingParameterError(LookupError):
    """No value is in force for the asked year or day: the calculation stops, a value is never guessed."""

    def __init__(self, parameter_id: str, when: object, title: str = "") -> None:
        self.parameter_id, self.when = parameter_id, when
        super().__init__(f"法定値「{title or parameter_id}」({parameter_id})は {when} 分が定められていません。")
