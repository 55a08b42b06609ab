// What the figures of labs are drawn with, and all of them on one canvas, to be saved.

(() => {
  const { course } = window;

  /** All figures with their titles on one canvas, as they stand on the page. */
  course.together = (figures) => {
    const shown = [...figures.querySelectorAll("canvas, img")].map((one) => {
      const box = one.getBoundingClientRect();
      return { one, title: one.nextElementSibling.textContent, box };
    });
    if (shown.length === 1) return shown[0].one;
    const around = figures.getBoundingClientRect();
    const scale = Math.max(1, ...shown.map(({ one, box }) => one.width / box.width));
    const sheet = course.make("canvas", {
      width: Math.ceil(scale * around.width),
      height: Math.ceil(scale * around.height),
    });
    const pen = sheet.getContext("2d");
    pen.fillStyle = "white";
    pen.fillRect(0, 0, sheet.width, sheet.height);
    pen.fillStyle = "black";
    pen.font = `${13 * scale}px sans-serif`;
    pen.imageSmoothingEnabled = scale > 1;
    for (const { one, title, box } of shown) {
      const [left, top] = [scale * (box.left - around.left), scale * (box.top - around.top)];
      pen.drawImage(one, left, top, scale * box.width, scale * box.height);
      pen.fillText(title, left, top + scale * (box.height + 15), scale * box.width);
    }
    return sheet;
  };

  /** A picture as pixels for a canvas. */
  course.asImageData = (picture) => {
    if (picture instanceof ImageData) return picture;
    const { width, height, data } = picture;
    const pixels = new ImageData(width, height);
    // The array rounds and clips by itself.
    for (let from = 0, to = 0; from < data.length; to += 4) {
      pixels.data[to] = 255 * data[from++];
      pixels.data[to + 1] = 255 * data[from++];
      pixels.data[to + 2] = 255 * data[from++];
      pixels.data[to + 3] = 255;
    }
    return pixels;
  };
})();
