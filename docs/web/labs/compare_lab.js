// The compare lab: `course_lib.widgets.compare`.

(() => {
  const { course } = window;

  async function decoded(png) {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    return course.pixels.ofBitmap(image, image.naturalWidth, image.naturalHeight);
  }

  /** A part of an image, so many times smaller than it. */
  function zoomed(image, zoom, x, y) {
    const { cut, round } = course.pixels;
    const [width, height] = [image.width, image.height].map((side) =>
      Math.max(1, Math.floor(side / zoom)),
    );
    const [left, top] = [round(x * (image.width - width)), round(y * (image.height - height))];
    return cut(image, left, top, width, height);
  }

  /** The first image left of a line, the second one right of it. */
  function divided(before, after, place) {
    const { width, height } = before;
    const middle = course.pixels.round(place * width);
    const data = after.data.slice();
    for (let row = 0; row < height; row++) {
      const start = 3 * row * width;
      const at = (column) => start + 3 * Math.min(Math.max(column, 0), width);
      data.set(before.data.subarray(start, at(middle)), start);
      // White between black, so that it is seen on any image.
      data.fill(0, at(middle - 2), at(middle + 2));
      data.fill(1, at(middle - 1), at(middle + 1));
    }
    return { width, height, data };
  }

  /** How much brighter the second image is than the first, fourfold and around gray. */
  const difference = (before, after) =>
    course.pixels.map(before, (value, place) =>
      Math.min(1, Math.max(0, 0.5 + 4 * (after.data[place] - value))),
    );

  course.lab("compare_lab", {
    needs: ["pixels", "views"],

    async prepare(lab) {
      const { images, ...told } = await lab.data();
      lab.told = { ...told, images: await Promise.all(images.map(decoded)) };
    },

    /** The divider follows the mouse and the finger, too. */
    arrange(lab) {
      const move = (event) => {
        if (lab.controls.view.value !== "divider" || !event.target.closest("canvas, img")) return;
        const box = event.target.getBoundingClientRect();
        lab.controls.divider.value = Math.round((50 * (event.clientX - box.left)) / box.width) / 50;
        lab.changed();
      };
      lab.figures.classList.add("divided");
      lab.figures.addEventListener("pointerdown", move);
      lab.figures.addEventListener("pointermove", (event) => event.buttons && move(event));
      lab.figures.addEventListener("dragstart", (event) => event.preventDefault());
    },

    draw(settings, lab) {
      const { pairs, images, side } = lab.told;
      const [first, second] = lab.told.names.map(translated);
      const { places, words } = pairs[settings.pair];
      const [before, after] = places.map((place) =>
        course.views.enlarged(zoomed(images[place], settings.zoom, settings.x, settings.y), side),
      );
      const panels = {
        divider: () => ({
          [`${first} | ${second}`]: divided(before, after, settings.divider),
        }),
        "side by side": () => ({ [first]: before, [second]: after }),
        difference: () => ({ [tr`difference × 4 (gray: none)`]: difference(before, after) }),
      }[settings.view]();
      const shown = Object.entries(panels);
      const width = side / shown.length;
      return {
        panels: shown.map(([title, picture]) => ({ title, picture, width })),
        words: translated(words),
      };
    },
  });
})();
