// The style lab: `course_lib.widgets.style`. What is slow is kept: a slider costs one drawing.

course.lab("style_lab", {
  needs: ["pixels", "colors", "masks", "networks", "transfer", "files", "brush"],

  async prepare(lab) {
    await course.networks.prepare(lab, ["look", "draw"]);
    const { size, styles } = await lab.data();
    lab.size = size;
    lab.codes = new Map(
      Object.entries(styles).map(([name, told]) => [name, course.transfer.storedStyle(told)]),
    );
    lab.painter = new course.transfer.Painter();
    lab.recolored = new Map(); // what was measured of styles in the content's colors
    this.addOwn(lab);
  },

  /** Controls for special wishes go onto pages of which one is seen. */
  arrange(lab) {
    const rows = (...names) => names.map((name) => lab.controls[name].row);
    lab.own = new Map(); // "yours: NAME" -> picture
    lab.files = course.make("div", { className: "files" });
    lab.brushPlace = course.make("div");
    lab.controls.shape.add(tr`painted by hand`, "painted by hand");
    lab.controls.shape.value = "everywhere";
    const taps = Object.keys(lab.controls).filter((name) => name.startsWith("relu"));
    lab.tabs({
      [tr`mix`]: rows("second", "mix"),
      [tr`depth`]: rows(...taps),
      [tr`place`]: [...rows("shape", "x", "y", "extent", "softness"), lab.brushPlace],
      [tr`files`]: [lab.files],
    });
    lab.controls.shape.onchange = (shape) => this.showPlacing(lab, shape);
    this.showPlacing(lab, "everywhere");
  },

  /** Show the sliders that a shape needs. */
  showPlacing(lab, shape) {
    const needed = {
      everywhere: [],
      ellipse: ["x", "y", "extent", "softness"],
      rectangle: ["x", "y", "extent", "softness"],
      "left part": ["x", "softness"],
      "upper part": ["y", "softness"],
      "painted by hand": ["softness"],
    }[shape];
    for (const name of ["x", "y", "extent", "softness"]) {
      lab.controls[name].row.hidden = !needed.includes(name);
    }
    lab.brushPlace.hidden = shape !== "painted by hand";
  },

  addOwn(lab) {
    const take = (control) => async (name, picture) => {
      const key = `yours: ${name}`;
      if (control === lab.controls.style) {
        lab.codes.set(key, await course.transfer.styleCode(picture));
      }
      lab.own.set(key, picture);
      control.add(tr`yours: ${name}`, key);
      return lab.changed();
    };
    const { content, style } = lab.controls;
    lab.files.append(
      course.pictureInput(lab, tr`your photograph`, lab.size, take(content), true),
      course.cameraInput(lab, lab.size, take(content)),
      course.pictureInput(lab, tr`your style image`, lab.size, take(style)),
      course.make("p", {
        className: "hint",
        textContent: tr`Or drop a photograph on the lab, or paste one. It stays in this page.`,
      }),
    );
    lab.brush = new course.Brush(lab, () => lab.controls.softness.value);
    lab.brushPlace.append(lab.brush.element);
  },

  /** A picture by the name in a list, at the lab's size; the same one each time. */
  picture(lab, name) {
    if (lab.own.has(name)) return lab.own.get(name);
    lab.pictures ??= new Map();
    if (!lab.pictures.has(name)) {
      lab.pictures.set(
        name,
        course.pixels.ofCollection(name).then((whole) => course.pixels.withSide(whole, lab.size)),
      );
    }
    return lab.pictures.get(name);
  },

  /** The code of a style, which first takes on the content's colors where its palette is kept. */
  async code(lab, name, settings, content) {
    if (settings.colors !== "covariance") return lab.codes.get(name);
    const key = `${name} | ${settings.content}`;
    if (!lab.recolored.has(key)) {
      const image = course.colors.match(await this.picture(lab, name), content);
      lab.recolored.set(key, await course.transfer.styleCode(image));
    }
    return lab.recolored.get(key);
  },

  mask(lab, settings, { width, height }) {
    if (settings.shape === "everywhere") return null;
    if (settings.shape === "painted by hand") return lab.brush.maskFor(width, height);
    return course.masks.shape(width, height, settings.shape, settings);
  },

  async draw(settings, lab) {
    const begun = performance.now();
    const content = await this.picture(lab, settings.content);
    lab.brush.fit(content);
    const names = [settings.style, settings.second].filter(Boolean);
    const styles = [];
    for (const name of names) styles.push(await this.code(lab, name, settings, content));
    const mask = this.mask(lab, settings, content);
    const inverse = mask && { ...mask, data: mask.data.map((value) => 1 - value) };
    const image = await lab.painter.paint(content, styles, {
      strength: settings.strength,
      taps: ["relu1_1", "relu2_1", "relu3_1"].map((tap) => settings[tap]),
      stroke: settings.stroke,
      shares: [1 - settings.mix, settings.mix],
      masks: mask && [mask, inverse].slice(0, names.length),
      luminance: settings.colors === "luminance",
    });
    const milliseconds = Math.round(performance.now() - begun);
    const plain = (name) => name.replaceAll("_", " ");
    const [chosen, first, second] = [settings.content, ...names].map(plain);
    const small = [content, ...(await Promise.all(names.map((name) => this.picture(lab, name))))];
    if (mask) small.push(course.masks.asPicture(mask));
    const titles = [tr`photograph`, ...names, tr`where`];
    const { height, width } = image;
    const strength = settings.strength.toFixed(2);
    const words = second
      ? tr`${chosen} in the style of ${first} and ${second}, strength ${strength}: ${height} x ${width} pixels in ${milliseconds} ms.`
      : tr`${chosen} in the style of ${first}, strength ${strength}: ${height} x ${width} pixels in ${milliseconds} ms.`;
    const nothing = names.length === 1 && settings.shape === "painted by hand" && !mask.data.some(Boolean);
    return {
      panels: [
        { title: tr`stylized`, picture: image, width: 1.75 * image.width },
        ...small.map((picture, place) => ({ title: titles[place], picture, width: 72 })),
      ],
      columns: "thumbnails",
      words: nothing
        ? tr`Nothing is painted yet, so the photograph stays. Paint on the small image where the style should go.`
        : words,
    };
  },

  saved: (lab) => lab.figures.querySelector("canvas"),

  reset(lab) {
    lab.brush?.clear();
  },
});
