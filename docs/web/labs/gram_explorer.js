// The Gram explorer: `course_lib.widgets.gram`. The texture is made on one scale.

course.lab("gram_explorer", {
  needs: ["pixels", "views", "networks", "maps", "descent"],

  async prepare(lab) {
    await course.networks.prepare(lab, ["encode", "describe", "step"]);
    const told = await lab.data();
    Object.assign(lab, told, { colors: course.floats(told.colors), kept: new Map() });
    lab.runner = new course.descent.Runner(
      () => this.advance(lab),
      (state) => this.showState(lab, state),
    );
  },

  arrange(lab) {
    const { tap, i, j } = lab.controls;
    const counts = lab.description.channels;
    tap.onchange = (chosen) => (i.max = j.max = counts[chosen] - 1);
    const button = (label, title, act) => course.button(lab, label, title, act);
    lab.make = button(tr`Make a texture`, tr`Optimize noise until it has these Gram matrices`, () =>
      this.start(lab),
    );
    lab.stop = button(tr`Stop`, tr`Stop the optimization; the texture stays as it is`, () =>
      lab.runner.set("stopped"),
    );
    lab.panel.append(course.make("p", { className: "buttons" }, lab.make, lab.stop));
    lab.texture = null;
    this.showState(lab, "stopped");
  },

  showState(lab, state) {
    lab.make.disabled = state === "running";
    lab.stop.disabled = state !== "running";
  },

  async draw(settings, lab) {
    const { style, tap, i, j } = settings;
    const { picture, features, grams } = await course.maps.seen(lab, style);
    const of = features[tap];
    const matrix = (grams[tap] ??= course.maps.gram(of));
    const [first, second] = [i, j].map((channel) => course.maps.channel(of, channel));
    const product = { ...first, data: first.data.map((value, at) => value * second.data[at]) };
    const digits = (value, count) => Number(value.toPrecision(count));
    const entry = matrix[i * of.channels + j];
    const largest = digits(Math.max(...matrix), 4);
    const { height, width, channels } = of;
    const map = (title, one) => ({
      title,
      picture: course.views.enlarged(course.maps.asPicture(course.maps.stretched(one)), lab.size),
    });
    const nothing = course.pixels.picture(lab.size, lab.size);
    nothing.data.fill(0.93);
    return {
      panels: [
        { title: tr`style image`, picture },
        map(tr`channel ${i}`, first),
        map(i === j ? tr`channel ${j} again` : tr`channel ${j}`, second),
        map(tr`${i} times ${j}: mean ${digits(entry, 3)}`, product),
        { title: tr`Gram matrix of ${tap}`, picture: this.framed(lab, matrix, channels, i, j) },
        lab.texture ?? { title: tr`no texture made yet`, picture: nothing },
      ],
      columns: 3,
      words: tr`G[${i}, ${j}] = ${digits(entry, 4)} is the mean of the product over ${height} x ${width} places. The matrix has ${channels} x ${channels} entries; the largest is ${largest}.`,
    };
  },

  /** The matrix as a picture, dark to bright, with a frame around one entry. */
  framed(lab, matrix, channels, i, j) {
    const roots = Float32Array.from(matrix, (value) => Math.sqrt(Math.max(value, 0)));
    const map = course.maps.stretched({ width: channels, height: channels, data: roots });
    const shown = course.views.enlarged(course.maps.asPicture(map, lab.colors), lab.size);
    const size = Math.max(Math.floor(lab.size / channels), 5);
    const [top, left] = [i, j].map((place) => Math.floor((place * lab.size) / channels));
    const inside = (at, start) => at >= start && at < start + size;
    const near = (at, start) => at >= Math.max(start - 3, 0) && at < start + size + 3;
    for (let row = 0; row < lab.size; row++) {
      for (let column = 0; column < lab.size; column++) {
        const framed = near(row, top) && near(column, left);
        if (framed && !(inside(row, top) && inside(column, left))) {
          shown.data.set(lab.frame, 3 * (row * lab.size + column));
        }
      }
    }
    return shown;
  },

  // ---- the texture -------------------------------------------------------------------------------

  async start(lab) {
    this.showState(lab, "running");
    await lab.prepare();
    const { style, tap } = lab.settings;
    const picture = course.descent.square(await course.pixels.ofCollection(style));
    const asked = await course.descent.describe(picture);
    const taps = Object.keys(lab.description.channels);
    const count = taps.indexOf(tap) + 1;
    // Gram matrices alone, of all taps down to the chosen one.
    const styles = taps.flatMap((_, level) => [level < count ? lab.weights.style / count : 0, 0]);
    const weights = { content: 0, variation: lab.weights.variation, styles };
    const start = course.descent.noise(course.floats(lab.noise), picture);
    lab.optimizer = new course.descent.Optimizer(asked, asked, start, lab.steps, () => weights);
    await lab.runner.run();
  },

  async advance(lab) {
    const { optimizer } = lab;
    await optimizer.advance();
    if (optimizer.step % 5 === 0 || optimizer.done) {
      lab.texture = {
        title: tr`texture, ${optimizer.step} of ${optimizer.steps} steps`,
        picture: course.views.enlarged(optimizer.picture, lab.size),
      };
      // Not waited for: meanwhile the next step is under way.
      lab.request();
    }
    return !optimizer.done;
  },

  reset(lab) {
    lab.runner?.set("stopped");
    lab.texture = null;
  },
});
