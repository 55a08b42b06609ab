"""What a teacher hands out and keeps: student, teacher and nbgrader sets from the same sources.

`write_sets` makes all three from the lessons' sources, the exercises and the teacher's material in
`classroom/` (one text file for each lesson). `points` is what graded cells call.
"""

from course_lib.classroom.grading import points
from course_lib.classroom.material import Material, read_material
from course_lib.classroom.writing import Written, write_sets

__all__ = ["Material", "Written", "points", "read_material", "write_sets"]
