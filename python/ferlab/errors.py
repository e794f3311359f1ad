# SPDX-License-Identifier: MIT
"""The exceptions of ferlab's own, as in C++. Each message says what was expected, what came, and where."""


class Error(Exception):
    """The base of them all."""


class ArgumentError(Error, ValueError):
    """A value makes no sense: a label that is no class, a name that no weights have."""


class IoError(Error, OSError):
    """The operating system refused to open, read or write a file."""


class DataError(Error, ValueError):
    """A data set is malformed. The message names file and line."""


class FormatError(Error, ValueError):
    """A file is not the model file that it should be, is damaged, or does not fit."""
