// Pictures in plain JavaScript, as the library has them: {width, height, data}, three numbers from
// 0 to 1 a pixel. What has a name of the library's does the same as there, but for rounding.

(() => {
  const { course } = window;
  const pixels = (course.pixels = {});
  const picture = (width, height, data = new Float32Array(3 * width * height)) => ({
    width,
    height,
    data,
  });
  pixels.picture = picture;

  // ---- from files ------------------------------------------------------------------------------

  /** The pixels of a bitmap. What is transparent is laid on white, as the library does. */
  pixels.ofBitmap = (bitmap, width = bitmap.width, height = bitmap.height) => {
    const sheet = course.make("canvas", { width, height });
    const pen = sheet.getContext("2d", { willReadFrequently: true });
    pen.fillStyle = "white";
    pen.fillRect(0, 0, width, height);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(bitmap, 0, 0, width, height);
    const found = pen.getImageData(0, 0, width, height).data;
    const made = picture(width, height);
    for (let from = 0, to = 0; from < found.length; from += 4) {
      made.data[to++] = found[from] / 255;
      made.data[to++] = found[from + 1] / 255;
      made.data[to++] = found[from + 2] / 255;
    }
    return made;
  };

  const kept = new Map(); // name -> promise of the picture at its full size

  /** A picture of the course's collection at its full size (512 pixels at most), loaded once. */
  pixels.ofCollection = (name) => {
    if (!kept.has(name)) {
      const loading = course
        .bytes(`image-${name}`)
        .then((bytes) => createImageBitmap(new Blob([bytes])))
        .then((bitmap) => pixels.ofBitmap(bitmap));
      loading.catch(() => kept.delete(name));
      kept.set(name, loading);
    }
    return kept.get(name);
  };

  // ---- sizes -----------------------------------------------------------------------------------

  const sinc = (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
  const FILTERS = {
    // Name -> reach in pixels of the coarser picture, and the weight at a distance.
    lanczos: [3, (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0)],
    bicubic: [
      2,
      (x) => {
        const [a, t] = [-0.5, Math.abs(x)];
        if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
        return t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
      },
    ],
  };

  /** For each of `wanted` places along a side of `length`: the first place it sees, and weights. */
  function windows(length, wanted, filter) {
    const [reach, weight] = FILTERS[filter];
    const scale = length / wanted;
    const wide = Math.max(scale, 1);
    return Array.from({ length: wanted }, (_, place) => {
      const center = (place + 0.5) * scale;
      const first = Math.max(0, Math.trunc(center - reach * wide + 0.5));
      const last = Math.min(length, Math.trunc(center + reach * wide + 0.5));
      const weights = [];
      for (let at = first; at < last; at++) weights.push(weight((at - center + 0.5) / wide));
      const total = weights.reduce((sum, one) => sum + one, 0);
      return [first, weights.map((one) => one / total)];
    });
  }

  /**
   * At another size, smoothed as needed: as `images.resize`, by Pillow's filters.
   * @param {"lanczos" | "bicubic"} filter
   * @param {boolean} clip to [0, 1]
   */
  pixels.resize = (image, width, height, filter = "lanczos", clip = true) => {
    if (image.width === width && image.height === height) return image;
    const across = windows(image.width, width, filter);
    const half = picture(width, image.height);
    for (let row = 0, to = 0; row < image.height; row++) {
      const start = 3 * row * image.width;
      for (let column = 0; column < width; column++, to += 3) {
        const [first, weights] = across[column];
        let [red, green, blue, from] = [0, 0, 0, start + 3 * first];
        for (const weight of weights) {
          red += weight * image.data[from++];
          green += weight * image.data[from++];
          blue += weight * image.data[from++];
        }
        half.data[to] = red;
        half.data[to + 1] = green;
        half.data[to + 2] = blue;
      }
    }
    const made = picture(width, height);
    const line = new Float64Array(3 * width);
    windows(image.height, height, filter).forEach(([first, weights], row) => {
      line.fill(0);
      weights.forEach((weight, number) => {
        const start = 3 * width * (first + number);
        for (let at = 0; at < line.length; at++) line[at] += weight * half.data[start + at];
      });
      made.data.set(line, 3 * width * row);
    });
    if (clip) for (let at = 0; at < made.data.length; at++) {
      made.data[at] = Math.min(1, Math.max(0, made.data[at]));
    }
    return made;
  };

  // Python rounds a half to the even number.
  const round = (x) => (x % 1 === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));
  pixels.round = round;

  /** With that longer side. */
  pixels.withSide = (image, side) => {
    const scale = side / Math.max(image.width, image.height);
    const [width, height] = [image.width, image.height].map((one) => Math.max(1, round(one * scale)));
    return pixels.resize(image, width, height);
  };

  /** A part of a picture. */
  pixels.cut = (image, left, top, width, height) => {
    const made = picture(width, height);
    for (let row = 0; row < height; row++) {
      const start = 3 * ((top + row) * image.width + left);
      made.data.set(image.data.subarray(start, start + 3 * width), 3 * row * width);
    }
    return made;
  };

  /** Its middle, brought to that size: `widgets.choosing.fitted`. */
  pixels.fitted = (image, width, height) => {
    const scale = Math.min(image.height / height, image.width / width);
    const [rows, columns] = [height, width].map((side) => Math.max(1, round(side * scale)));
    const left = Math.floor((image.width - columns) / 2);
    const top = Math.floor((image.height - rows) / 2);
    return pixels.resize(pixels.cut(image, left, top, columns, rows), width, height);
  };

  /** A change of every number: function (number, place). */
  pixels.map = (image, change) => picture(image.width, image.height, image.data.map(change));

  /** The peak signal-to-noise ratio in decibels, as `metrics.psnr`. */
  pixels.psnr = (image, other) => {
    let sum = 0;
    image.data.forEach((value, place) => (sum += (value - other.data[place]) ** 2));
    return -10 * Math.log10(sum / image.data.length);
  };
})();
