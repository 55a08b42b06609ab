// How labs show numbers: large pixels, and values as gray.

(() => {
  const { course } = window;
  const { picture, round } = course.pixels;
  const views = (course.views = {});

  /** `widgets.choosing.enlarged`: with that longer side, each value a rectangle of one color. */
  views.enlarged = (image, side) => {
    const scale = side / Math.max(image.width, image.height);
    const [width, height] = [image.width, image.height].map((one) => Math.max(1, round(one * scale)));
    const made = picture(width, height);
    for (let row = 0, to = 0; row < height; row++) {
      const start = image.width * Math.floor((row * image.height) / height);
      for (let column = 0; column < width; column++) {
        const from = 3 * (start + Math.floor((column * image.width) / width));
        made.data.set(image.data.subarray(from, from + 3), to);
        to += 3;
      }
    }
    return made;
  };

  /** The smallest and the largest of some values. */
  views.range = (values) => {
    let [least, most] = [Infinity, -Infinity];
    for (const value of values) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    return [least, most];
  };

  /**
   * A map {width, height, data} of one number a pixel as a picture: from black at 0, or around gray
   * at 0 where some are negative.
   */
  views.asGray = ({ width, height, data }) => {
    const [least, most] = views.range(data);
    const largest = Math.max(Math.abs(least), Math.abs(most), 1);
    const made = picture(width, height);
    data.forEach((value, place) => {
      const gray = least >= 0 ? value / largest : 0.5 + value / (2 * largest);
      made.data.fill(gray, 3 * place, 3 * place + 3);
    });
    return made;
  };
})();
