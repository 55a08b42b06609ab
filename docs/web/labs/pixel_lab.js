// The pixel lab: `course_lib.widgets.pixel`. What takes time depends on everything but the strength.

(() => {
  const { course } = window;

  /** The histogram of a picture's channels as a small chart. */
  function histogram({ data }, { size, chart, bins, lines }) {
    const counts = [0, 1, 2].map(() => new Array(bins).fill(0));
    data.forEach((value, place) => {
      counts[place % 3][Math.min(bins - 1, Math.floor(value * bins))] += 1;
    });
    const [width, height] = [2 * size, 2 * chart];
    const pen = course.make("canvas", { width, height }).getContext("2d");
    pen.fillStyle = "white";
    pen.fillRect(0, 0, width, height);
    // A spike, such as the white of a page, would press everything else flat.
    const top = Math.max(counts.flat().sort((a, b) => a - b).at(-6), 1);
    pen.lineWidth = 4;
    pen.lineJoin = "round";
    counts.forEach((count, k) => {
      pen.strokeStyle = lines[k];
      pen.beginPath();
      count.forEach((one, bin) => {
        const down = height - 4 - Math.min(one / top, 1) * (height - 12);
        pen.lineTo(((bin + 0.5) / bins) * width, down);
      });
      pen.stroke();
    });
    pen.fillStyle = "#888888";
    pen.fillRect(0, height - 3, width, 2);
    return course.pixels.ofBitmap(pen.canvas);
  }

  const NAMES = { content: tr`content`, result: tr`result`, style: tr`style` };
  const decibels = (value) => (Number.isFinite(value) ? value.toFixed(1) : "inf");

  course.lab("pixel_lab", {
    needs: ["pixels", "colors", "matching"],

    async prepare(lab) {
      lab.told = await lab.data();
      lab.prepared = new Map(); // settings without the strength -> picture at full strength
    },

    arrange(lab) {
      lab.panel.append(
        course.make("p", {
          className: "hint",
          textContent: tr`In the notebook this lab also cuts squares out of the style, and rebuilds the result from its code.`,
        }),
      );
    },

    async picture(lab, name) {
      const { size } = lab.told;
      return course.pixels.fitted(await course.pixels.ofCollection(name), size, size);
    },

    /** The content with the style's pixel values, at full strength. */
    async changed(lab, content, style, settings) {
      const { strength, ...others } = settings;
      const key = JSON.stringify(others);
      if (!lab.prepared.has(key)) {
        const { size, turns } = lab.told;
        const changed = await course.matching.recolored(content, style, { ...settings, turns });
        const radius = Math.max(2, Math.floor(size / 40));
        const smooth = settings.guided_filter;
        lab.prepared.set(
          key,
          smooth ? course.matching.guidedFilter(content, changed, radius) : changed,
        );
      }
      return lab.prepared.get(key);
    },

    async draw(settings, lab) {
      const { strength } = settings;
      const content = await this.picture(lab, settings.content);
      const style = await this.picture(lab, settings.style);
      const changed = await this.changed(lab, content, style, settings);
      const result = course.pixels.map(content, (value, place) =>
        Math.min(1, Math.max(0, value + strength * (changed.data[place] - value))),
      );
      const shown = { content, result, style };
      const [before, after] = [content, result].map((one) =>
        course.matching.channelDistance(one, style).toFixed(3),
      );
      const psnr = decibels(course.pixels.psnr(content, result));
      const pictures = Object.entries(shown).map(([name, picture]) => ({
        title: NAMES[name],
        picture,
      }));
      const charts = Object.entries(shown).map(([name, image]) => ({
        title: tr`colors of the ${NAMES[name]}`,
        picture: histogram(image, lab.told),
        width: lab.told.size,
      }));
      return {
        panels: [...pictures, ...charts],
        columns: 3,
        words: tr`Each channel's histogram is ${before} away from the style's at the start and ${after} in the result. PSNR to the content ${psnr} dB.`,
      };
    },
  });
})();
