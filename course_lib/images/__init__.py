"""Files, arrays and display bytes: how images come in and go out.

An image is an array (height, width, 3). Inside the course it is float32 in [0, 1]; uint8 in
[0, 255] is accepted everywhere. Whatever a reader hands over, this room gives back either such an
image or a `ImageError` that says what was wrong and what to do.

Formats read: PNG, JPEG, WebP, GIF (first frame), TIFF (first page) and BMP; AVIF where the
installed Pillow has a decoder for it (Pillow 11.3 and newer); HEIC, the format of many telephones,
with the extra "heic" (pillow-heif). Formats written: PNG, JPEG, WebP, GIF, TIFF and BMP.

What happens to unusual pixels:

- transparency is laid on white; `load_with_notes` and `save_image` carry it over to the result;
- colors with an ICC profile are converted to sRGB, CMYK without one by Pillow's plain formula. What
  a profile does decides whether it is that of sRGB, and not its name;
- the rotation noted in EXIF is applied;
- 16-bit gray keeps its 65,536 levels; Pillow reads 16-bit color as 8-bit, and so do we.

    reading.py   from a path, bytes, a file or an array to an image
    pillow.py    Pillow made careful, and its many modes made one
    profiles.py  color profiles
    notes.py     what else a file says: transparency, camera, dots per inch
    arrays.py    what is an image, and batches of them
    sizes.py     resized, cropped; the grain
    writing.py   to a file, or to the bytes of one
"""

from course_lib.errors import ImageError
from course_lib.images.arrays import (
    MAX_PIXELS,
    ROUNDING,
    check_image,
    from_batch,
    is_gray,
    smallest_longer_side,
    to_batch,
    to_pixels,
    to_uint8,
)
from course_lib.images.notes import Notes
from course_lib.images.pillow import readable_formats
from course_lib.images.profiles import in_profile
from course_lib.images.reading import load_image, load_with_notes, size_of
from course_lib.images.sizes import (
    GRAIN_SIDE,
    center_crop,
    crop_to_multiple,
    grain,
    random_crop,
    resize,
    resize_with_alpha,
)
from course_lib.images.writing import (
    FORMATS_BY_SUFFIX,
    holds_profile,
    of_few_colors,
    save_image,
    to_bytes,
)

__all__ = [
    "FORMATS_BY_SUFFIX",
    "GRAIN_SIDE",
    "MAX_PIXELS",
    "ROUNDING",
    "ImageError",
    "Notes",
    "center_crop",
    "check_image",
    "crop_to_multiple",
    "from_batch",
    "grain",
    "holds_profile",
    "in_profile",
    "is_gray",
    "load_image",
    "load_with_notes",
    "of_few_colors",
    "random_crop",
    "readable_formats",
    "resize",
    "resize_with_alpha",
    "save_image",
    "size_of",
    "smallest_longer_side",
    "to_batch",
    "to_bytes",
    "to_pixels",
    "to_uint8",
]
