// The first page of the web course: drop a photograph, choose a style, see it painted.

course.lab("stylize", {
  needs: ["pixels", "colors", "masks", "networks", "transfer", "files"],

  async prepare(lab) {
    await course.networks.prepare(lab, ["look", "draw"]);
    const { example, styles } = await lab.data();
    lab.codes = new Map(
      Object.entries(styles).map(([name, told]) => [name, course.transfer.storedStyle(told)]),
    );
    lab.painter = new course.transfer.Painter();
    lab.example = { name: example.name, picture: await course.pixels.ofCollection("example") };
  },

  /** Styles are chosen by small pictures of them. */
  arrange(lab) {
    const { style } = lab.controls;
    const tiles = course.make("fieldset", { className: "tiles" });
    lab.styleName = course.make("span");
    tiles.append(course.make("legend", {}, tr`style: `, lab.styleName));
    for (const [words, name] of style.options) {
      const radio = course.make("input", { type: "radio", name: "stylize-tile", value: name });
      const image = course.make("img", {
        src: lab.address(`first/stylize-${name}.jpg`),
        alt: words,
        title: words,
        width: 64,
        height: 64,
      });
      radio.addEventListener("change", () => {
        style.value = name;
        this.showStyle(lab);
        lab.changed();
      });
      tiles.append(course.make("label", {}, radio, image));
    }
    style.onchange = () => this.showStyle(lab);
    style.row.replaceWith(tiles);
    lab.files = course.make("div", { className: "files" });
    lab.panel.prepend(lab.files);
    this.addFiles(lab);
    lab.before = course.button(lab, tr`Show photograph`, tr`The photograph as it was`, () =>
      this.showPhotograph(lab, lab.before.getAttribute("aria-pressed") !== "true"),
    );
    lab.before.setAttribute("aria-pressed", "false");
    lab.before.disabled = true;
    lab.buttons.prepend(lab.before);
    this.showStyle(lab);
  },

  showStyle(lab) {
    const { style } = lab.controls;
    lab.styleName.textContent = style.options.find(([, name]) => name === style.value)[0];
    for (const radio of lab.panel.querySelectorAll(".tiles input")) {
      radio.checked = radio.value === style.value;
    }
  },

  showPhotograph(lab, before) {
    const { panels } = lab.sheet;
    lab.before.setAttribute("aria-pressed", String(before));
    lab.showPanels(before ? [{ ...panels[0], title: tr`The photograph`, picture: lab.shown }] : panels, 1);
  },

  addFiles(lab) {
    const { style, size } = lab.controls;
    const largest = Math.max(...size.options.map(([, side]) => side));
    const takeContent = (name, picture) => {
      lab.own = { name, picture };
      return lab.request();
    };
    const takeStyle = async (name, picture) => {
      await lab.prepare();
      lab.say(tr`Measuring ${name}.`);
      const key = `yours: ${name}`;
      lab.codes.set(key, await course.transfer.styleCode(picture));
      style.add(name, key);
      this.showStyle(lab);
      return lab.changed();
    };
    lab.files.append(
      course.pictureInput(lab, tr`your photograph`, largest, takeContent, true),
      course.cameraInput(lab, largest, takeContent),
      course.pictureInput(lab, tr`a style image of your own`, 512, takeStyle),
    );
  },

  async draw(settings, lab) {
    const { name, picture } = lab.own ?? lab.example;
    const side = Math.min(settings.size, Math.max(picture.width, picture.height));
    // The same picture each time, so that what was seen of it is kept.
    if (lab.shownFrom !== picture || lab.shownSide !== side) {
      Object.assign(lab, { shownFrom: picture, shownSide: side });
      lab.shown = course.pixels.withSide(picture, side);
    }
    lab.say(tr`Painting ${lab.shown.width} × ${lab.shown.height} pixels.`);
    const begun = performance.now();
    const image = await lab.painter.paint(lab.shown, [lab.codes.get(settings.style)], settings);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    const style = settings.style.replace("yours: ", "").replaceAll("_", " ");
    const percent = `${Math.round(100 * settings.strength)} %`;
    lab.before.disabled = false;
    lab.before.setAttribute("aria-pressed", "false");
    lab.fileName = `${stem(name)}-${stem(style)}`;
    return {
      panels: [{ title: tr`${name} in the style ${style} at ${percent}`, picture: image, width: 1.5 * image.width }],
      columns: 1,
      words: tr`${style} at ${percent}: painted in ${seconds} s.`,
    };

    function stem(file) {
      return file.replace(/\.[^.]*$/, "").replaceAll(" ", "-");
    }
  },

  reset(lab) {
    lab.own = null;
  },
});
