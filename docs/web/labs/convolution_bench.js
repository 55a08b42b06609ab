// The convolution bench: `course_lib.widgets.convolution`. Maps are {width, height, data}, one
// number a pixel.

(() => {
  const { course } = window;
  const LUMINANCE = [0.2125, 0.7154, 0.0721];
  const PLACES = [0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => `kernel_${row}${column}`));

  function filled(width, height, value) {
    const data = new Float64Array(width * height);
    for (let row = 0, to = 0; row < height; row++) {
      for (let column = 0; column < width; column++, to++) data[to] = value(row, column);
    }
    return { width, height, data };
  }

  const luminance = (image) =>
    filled(image.width, image.height, (row, column) => {
      const from = 3 * (row * image.width + column);
      return LUMINANCE.reduce((sum, weight, k) => sum + weight * image.data[from + k], 0);
    });

  // Where a place outside of the map lies in it; -1 where nothing is there.
  const BORDERS = {
    zeros: (place, length) => (place >= 0 && place < length ? place : -1),
    reflect: (place, length) => (place < 0 ? -place : place < length ? place : 2 * length - 2 - place),
  };

  /** `byhand.convolve` with a kernel of 3 x 3: nine numbers, row by row. */
  function convolve(map, kernel, stride, padding) {
    const side = (length) =>
      padding === "valid" ? Math.floor((length - 3) / stride) + 1 : Math.ceil(length / stride);
    const [width, height] = [side(map.width), side(map.height)];
    const before = (length, result) =>
      padding === "valid" ? 0 : Math.floor(Math.max((result - 1) * stride + 3 - length, 0) / 2);
    const [left, above] = [before(map.width, width), before(map.height, height)];
    const inside = BORDERS[padding] ?? ((place) => place);
    return filled(width, height, (row, column) => {
      let sum = 0;
      for (let k = 0; k < 9; k++) {
        const down = inside(row * stride + Math.floor(k / 3) - above, map.height);
        const right = inside(column * stride + (k % 3) - left, map.width);
        if (down >= 0 && right >= 0) sum += kernel[k] * map.data[down * map.width + right];
      }
      return sum;
    });
  }

  const mean = (four) => (four[0] + four[1] + four[2] + four[3]) / 4;
  const POOLINGS = { average: mean, max: (four) => Math.max(...four) };

  /** `byhand.average_pool` and `byhand.max_pool`. */
  const pool = (map, merge) =>
    filled(Math.floor(map.width / 2), Math.floor(map.height / 2), (row, column) => {
      const at = 2 * row * map.width + 2 * column;
      return merge([at, at + 1, at + map.width, at + map.width + 1].map((one) => map.data[one]));
    });

  const shape = ({ width, height }) => `${height} × ${width}`;

  course.lab("convolution_bench", {
    needs: ["pixels", "views"],

    async prepare(lab) {
      lab.told = await lab.data();
    },

    /** The nine numbers stand as they do in the kernel. */
    arrange(lab) {
      const grid = course.make("div", { className: "kernel" });
      for (const name of PLACES) {
        const { input, row, told } = lab.controls[name];
        input.setAttribute("aria-label", translated(told.label));
        row.remove();
        grid.append(input);
      }
      lab.controls.kernel.row.after(grid);
      lab.controls.kernel.onchange = () =>
        lab.told ? this.fill(lab) : lab.prepare().then(() => this.fill(lab));
    },

    /** Write the chosen kernel into the nine cells. */
    fill(lab) {
      const kernel = lab.told.kernels[lab.controls.kernel.value];
      if (kernel) PLACES.forEach((name, place) => (lab.controls[name].value = kernel[place]));
      lab.writeAddress();
    },

    draw(settings, lab) {
      const kernel = PLACES.map((name) => settings[name]);
      const chosen = lab.told.kernels[settings.kernel];
      // When the nine cells no longer hold the chosen kernel, say so.
      if (chosen && chosen.some((value, place) => value !== kernel[place])) {
        lab.controls.kernel.value = lab.told.own;
        lab.writeAddress();
      }
      return this.shown(settings, kernel, lab.told);
    },

    async shown(settings, kernel, { side, shown }) {
      const image = luminance(
        course.pixels.fitted(await course.pixels.ofCollection(settings.image), side, side),
      );
      const maps = { image, convolved: convolve(image, kernel, settings.stride, settings.padding) };
      const merge = POOLINGS[settings.pooling];
      if (merge) maps.pooled = pool(maps.convolved, merge);
      const [least, most] = course.views.range(Object.values(maps).at(-1).data);
      const [first, second, third] = Object.values(maps).map(shape);
      const shapes = merge
        ? tr`image ${first} → convolved ${second} → pooled ${third}`
        : tr`image ${first} → convolved ${second}`;
      const titles = [tr`image: ${first}`, tr`convolved: ${second}`, tr`pooled: ${third}`];
      const panels = Object.values(maps).map((map, place) => ({
        title: titles[place],
        picture: course.views.enlarged(course.views.asGray(map), shown),
      }));
      const scale = least < 0 ? tr`0 is shown gray` : tr`0 is shown black`;
      const [from, to] = [least, most].map((value) => value.toFixed(2));
      // Three places even when only two are taken: then nothing jumps when pooling comes in.
      return {
        panels,
        columns: 3,
        words: tr`${shapes}. The result goes from ${from} to ${to}; ${scale}.`,
      };
    },
  });
})();
