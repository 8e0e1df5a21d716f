"""Refusals of the job system; every text is for the person at the console."""


class JobError(Exception):
    """Base of the job system's own refusals: `code` for programs, `message_ja` for the reader."""

    def __init__(self, code: str, message_ja: str) -> None:
        super().__init__(f"{code} {message_ja}")
        self.code = code
        self.message_ja = message_ja


class JobUnknown(JobError):
    """No job of this id is declared."""


class JobRefused(JobError):
    """The act does not fit the run's state, its parameters, or what must have run before."""


class JobForbidden(JobRefused):
    """The actor lacks the permission, or is the same person where a second one is needed."""


class FenceLost(JobError):
    """This worker's lease was taken over: its work must not be committed."""

    def __init__(self) -> None:
        super().__init__("J-FENCE", "別の処理装置に引き継がれたため、この処理は取り消しました。")


class RunPaused(JobError):
    """The surroundings fail (disk full, database away): the run waits and goes on by itself."""
