"""`course stylize`: images, folders and videos in a style.

command.py   the options, what is told, and the exit code
plan.py      which file is made of which, decided before anything is written
work.py      one file stylized; the transfers decide how
"""
