// A brush for masks: an image to paint on, with mouse or finger. By keyboard there are the shapes.

(() => {
  const { course } = window;
  const TINT = [1, 0.55, 0];
  const OPACITY = 0.6;

  course.Brush = class {
    /**
     * @param {object} lab is drawn anew after each stroke
     * @param {() => number} softness of the next stroke's edge
     */
    constructor(lab, softness) {
      Object.assign(this, { lab, softness, image: null, mask: null, last: null });
      this.canvas = course.make("canvas", { className: "brush" });
      this.canvas.setAttribute("role", "img");
      this.canvas.setAttribute("aria-label", tr`To paint on by mouse or finger; shapes work by keyboard.`);
      const id = `${lab.name}-brush`;
      this.size = course.make("input", { id, type: "range", min: 0.02, max: 0.5, step: 0.01 });
      this.size.value = 0.15;
      this.erase = course.make("input", { id: `${id}-erase`, type: "checkbox" });
      const row = (...children) => course.make("div", { className: "control" }, ...children);
      const label = (of, words) => course.make("label", { htmlFor: of, textContent: words });
      const erasing = row(this.erase, label(this.erase.id, tr`rub out`));
      erasing.classList.add("checkbox");
      const again = () => (this.clear(), lab.request());
      this.element = course.make(
        "div",
        {},
        this.canvas,
        row(label(id, tr`brush size`), this.size),
        erasing,
        course.button(lab, tr`Clear`, tr`Begin again with nothing painted`, again),
      );
      this.canvas.addEventListener("pointerdown", (event) => this.press(event));
      this.canvas.addEventListener("pointermove", (event) => this.move(event));
      for (const type of ["pointerup", "pointercancel"]) {
        this.canvas.addEventListener(type, () => this.release());
      }
    }

    /** Paint on this picture from now on; what was painted on another is gone. */
    fit(image) {
      if (image === this.image) return;
      this.image = image;
      Object.assign(this.canvas, { width: image.width, height: image.height });
      this.clear();
    }

    maskFor(width, height) {
      const fits = this.mask?.width === width && this.mask.height === height;
      return fits ? this.mask : { width, height, data: new Float32Array(width * height) };
    }

    clear() {
      if (!this.image) return;
      const { width, height } = this.image;
      this.mask = { width, height, data: new Float32Array(width * height) };
      this.refresh();
    }

    place({ clientX, clientY }) {
      const box = this.canvas.getBoundingClientRect();
      const scale = this.canvas.width / box.width;
      return [scale * (clientX - box.left), scale * (clientY - box.top)];
    }

    press(event) {
      if (!this.image) return;
      event.preventDefault();
      this.canvas.setPointerCapture(event.pointerId);
      this.last = this.place(event);
      this.move(event);
    }

    move(event) {
      if (!this.last) return;
      const place = this.place(event);
      const radius = (Number(this.size.value) * Math.max(this.mask.width, this.mask.height)) / 2;
      this.mask = course.masks.stroke(this.mask, this.last, place, radius, {
        softness: this.softness(),
        erase: this.erase.checked,
      });
      this.last = place;
      this.refresh();
    }

    /** Only now is the lab drawn: while the button is held, only the canvas changes. */
    release() {
      if (!this.last) return;
      this.last = null;
      this.lab.request();
    }

    refresh() {
      const shown = course.pixels.map(this.image, (value, at) => {
        const cover = OPACITY * this.mask.data[Math.floor(at / 3)];
        return (1 - cover) * value + cover * TINT[at % 3];
      });
      this.canvas.getContext("2d").putImageData(course.asImageData(shown), 0, 0);
    }
  };
})();
