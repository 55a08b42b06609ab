// Pictures of the visitor's own: by a button, dropped on a lab, or pasted. They stay in the page.

(() => {
  const { course } = window;
  const SMALLEST = 16;

  /** A file as a picture whose longer side has at most `size` pixels. */
  async function readPicture(file, size) {
    let bitmap = null;
    try {
      // Turned as the camera has noted.
      bitmap = await createImageBitmap(file);
    } catch {
      throw new course.CourseError(
        tr`${file.name}: this browser cannot read it as an image. Save it as PNG or JPEG and try again.`,
      );
    }
    // Where it is much too large, the browser shrinks it first: that is quick.
    const enough = Math.min(1, (2 * size) / Math.max(bitmap.width, bitmap.height));
    const sides = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(enough * side)));
    const picture = course.pixels.ofBitmap(bitmap, ...sides);
    const fits = Math.max(...sides) > size ? course.pixels.withSide(picture, size) : picture;
    if (Math.min(fits.width, fits.height) < SMALLEST) {
      throw new course.CourseError(
        tr`${file.name}: ${fits.width} × ${fits.height} pixels are too few. Each side must have at least ${SMALLEST}.`,
      );
    }
    return fits;
  }

  /**
   * A button that asks for a picture, and its place for dropping and pasting one.
   * @param {object} lab
   * @param {string} label words on the button
   * @param {number} size largest longer side
   * @param {(name: string, picture: object) => void} take
   * @param {boolean} [drops] whether this one gets what is dropped on the lab, or pasted
   */
  course.pictureInput = (lab, label, size, take, drops = false) => {
    const input = course.make("input", { type: "file", accept: "image/*" });
    const receive = lab.guarded(async (file) => {
      if (!file) return;
      try {
        await take(file.name || tr`pasted`, await readPicture(file, size));
      } finally {
        // The same file may be chosen once more.
        input.value = "";
      }
    });
    input.addEventListener("change", () => receive(input.files[0]));
    if (drops) {
      const over = (event) => {
        event.preventDefault();
        lab.element.classList.toggle("dropping", event.type === "dragover");
      };
      for (const type of ["dragover", "dragleave", "drop"]) lab.element.addEventListener(type, over);
      lab.element.addEventListener("drop", (event) => receive(event.dataTransfer.files[0]));
      document.addEventListener("paste", (event) => {
        const [file] = event.clipboardData.files;
        const here = lab.element.contains(document.activeElement) || course.labs.size === 1;
        if (file && here) receive(file);
      });
    }
    return course.make("label", { className: "file" }, label, input);
  };
})();
