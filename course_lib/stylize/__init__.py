"""`course stylize`: images, folders and videos in a style.

command.py   the options
fitting.py   what of them does not fit together, or not with the files
plan.py      which file is made of which, decided before anything is written
running.py   the files made one after the other or by workers; what is told; the exit code
work.py      one file stylized; the transfers decide how
"""
