// Pictures of the visitor's own: by a button, dropped on a lab, pasted, or from the camera. They stay
// in the page.

(() => {
  const { course } = window;
  const SMALLEST = 16;

  /** A file, or what a video shows, as a picture whose longer side has at most `size` pixels. */
  async function readPicture(source, name, size) {
    let bitmap = null;
    try {
      // Turned as the camera has noted.
      bitmap = await createImageBitmap(source);
    } catch {
      throw new course.CourseError(
        tr`${name}: this browser cannot read it as an image. Save it as PNG or JPEG and try again.`,
      );
    }
    // Where it is much too large, the browser shrinks it first: that is quick.
    const enough = Math.min(1, (2 * size) / Math.max(bitmap.width, bitmap.height));
    const sides = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(enough * side)));
    const picture = course.pixels.ofBitmap(bitmap, ...sides);
    const fits = Math.max(...sides) > size ? course.pixels.withSide(picture, size) : picture;
    if (Math.min(fits.width, fits.height) < SMALLEST) {
      throw new course.CourseError(
        tr`${name}: ${fits.width} × ${fits.height} pixels are too few. Each side must have at least ${SMALLEST}.`,
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
        const name = file.name || tr`pasted`;
        await take(name, await readPicture(file, name, size));
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

  /** A button that opens the camera, and others that take what it sees, or close it. */
  course.cameraInput = (lab, size, take) => {
    const name = tr`photograph`;
    const video = course.make("video", { muted: true, playsInline: true, hidden: true });
    video.setAttribute("aria-label", tr`What the camera sees`);
    const show = (stream) => {
      video.srcObject = stream;
      open.hidden = Boolean(stream);
      video.hidden = shoot.hidden = away.hidden = !stream;
    };
    const close = () => {
      for (const track of video.srcObject.getTracks()) track.stop();
      show(null);
      open.focus();
    };
    const open = course.button(lab, tr`Camera`, tr`Take a photograph; it stays in this page`, async () => {
      const stream = await navigator.mediaDevices?.getUserMedia({ video: true }).catch(() => null);
      if (!stream) throw new course.CourseError(tr`The camera cannot be used here, or was not allowed.`);
      show(stream);
      await video.play();
      shoot.focus();
    });
    const shoot = course.button(lab, tr`Take the photograph`, "", async () => {
      const picture = await readPicture(video, name, size);
      close();
      await take(name, picture);
    });
    const away = course.button(lab, tr`Close`, "", close);
    shoot.hidden = away.hidden = true;
    return course.make("div", { className: "camera" }, video, open, shoot, away);
  };
})();
