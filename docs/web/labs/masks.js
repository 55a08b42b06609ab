// Soft masks, as `course_lib.widgets.masks` makes them: {width, height, data}, one number a pixel.

(() => {
  const { course } = window;
  const masks = (course.masks = {});
  const clipped = (value) => Math.min(1, Math.max(0, value));
  const filled = (width, height, value) => {
    const data = new Float32Array(width * height);
    for (let row = 0, to = 0; row < height; row++) {
      for (let column = 0; column < width; column++, to++) data[to] = value(column, row, to);
    }
    return { width, height, data };
  };

  // How far a place lies outside, in shares of the image's size; negative inside.
  const OUTSIDE = {
    everywhere: () => -Infinity,
    ellipse: (right, down, extent) => Math.hypot(down, right) - extent / 2,
    rectangle: (right, down, extent) => Math.max(Math.abs(down), Math.abs(right)) - extent / 2,
    "left part": (right) => right,
    "upper part": (right, down) => down,
  };

  /** `masks.shape_mask`: x, y, extent and softness as the sliders give them. */
  masks.shape = (width, height, shape, { x, y, extent, softness }) => {
    // One pixel at least, so that even a sharp edge has no steps.
    const fade = Math.max((softness * extent) / 2, 1 / Math.max(width, height));
    return filled(width, height, (column, row) => {
      const right = (column + 0.5) / width - x;
      const down = (row + 0.5) / height - y;
      return clipped(0.5 - OUTSIDE[shape](right, down, extent) / fade);
    });
  };

  /** `masks.stroke`: the mask with one stroke of a round brush more, from one place to another. */
  masks.stroke = (mask, start, end, radius, { softness = 0.3, erase = false } = {}) => {
    const along = [end[0] - start[0], end[1] - start[1]];
    const length = Math.max(along[0] ** 2 + along[1] ** 2, 1e-12);
    const soft = Math.max(softness * radius, 1);
    return filled(mask.width, mask.height, (column, row, place) => {
      const right = column + 0.5 - start[0];
      const down = row + 0.5 - start[1];
      const share = clipped((right * along[0] + down * along[1]) / length);
      const distance = Math.hypot(right - share * along[0], down - share * along[1]);
      const cover = clipped((radius - distance) / soft);
      return erase ? Math.min(mask.data[place], 1 - cover) : Math.max(mask.data[place], cover);
    });
  };

  /** A mask as a picture: white inside. */
  masks.asPicture = ({ width, height, data }) => ({
    width,
    height,
    data: Float32Array.from({ length: 3 * data.length }, (_, place) => data[Math.floor(place / 3)]),
  });
})();
