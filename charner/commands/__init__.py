"""The commands of the command line, a file each.

`add_parser` adds the parser of a command, whose default `run` takes the parsed arguments and
returns the exit code. What takes long to import is imported when a command runs, so that --help and
wrong usage are answered fast. Until then Ctrl-C ends the process; `raise_on_ctrl_c` changes that.
"""
