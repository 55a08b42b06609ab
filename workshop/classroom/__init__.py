"""What a teacher hands out and keeps: student, teacher and nbgrader sets from the same sources.

`write_sets` makes all three from the lessons' sources, the exercises and the teacher's material in
`classroom/` (one text file for each lesson). Graded cells call `course_lib.exercises.points`.
"""

from workshop.classroom.material import Material, read_material
from workshop.classroom.writing import Written, write_sets

__all__ = ["Material", "Written", "read_material", "write_sets"]
