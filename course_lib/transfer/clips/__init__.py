"""Videos as files: frames come out and go in one after the other, so that length costs no memory.

Read are video files (MP4, MOV, MKV, WebM and whatever else FFmpeg knows), animated GIF, WebP, PNG
and AVIF, and folders of images. Written are MP4, MOV, MKV, WebM, animated GIF, WebP and PNG, and
folders of PNG files.

What happens to unusual videos:

- frames keep their own times, so a variable frame rate stays what it was (a folder has no times);
- rotated clips, as telephones make them, come out upright; pixels that are not square become so;
- a frame of another size than the first is brought to the size of the first;
- transparency of an animation or a folder stays in an animation or a folder; else, and that of a
  movie, it is laid on white;
- the first sound track is kept: copied where the new file can hold it, else as AAC or Opus;
  subtitles and further sound tracks are dropped;
- H.264 needs an even height and width: an odd one gets its last row or column twice.
"""

from course_lib.transfer.clips.animations import KINDS as ANIMATIONS
from course_lib.transfer.clips.clip import SMALLEST, Clip, Frame
from course_lib.transfer.clips.encoding import MOVIES, QUALITY
from course_lib.transfer.clips.reading import open_clip
from course_lib.transfer.clips.writing import save_clip, writing

__all__ = [
    "ANIMATIONS", "MOVIES", "QUALITY", "SMALLEST",
    "Clip", "Frame", "open_clip", "save_clip", "writing",
]  # fmt: skip
