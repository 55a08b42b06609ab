// The labs of the web course: what all of them share.
//
// A lab in a page is <div class="live-lab" data-lab="NAME"></div>. Pages are opened from a file
// server and as files alike. A browser does not fetch for a page that was opened as a file, and
// imports no module for it. So everything here is a classic script, which any page may load: this
// one, one for each lab, and data as text in calls of `course.deliver`.
//
// How a lab is made:
//
//   course.lab("NAME", {
//     needs: ["pixels"],                     // scripts of this folder to load first
//     async prepare(lab) {},                 // once, before the first drawing: load what it takes
//     arrange(lab) {},                       // the controls in another order, or more than these
//     async draw(settings, lab) {            // what it shows; `settings` are name -> value
//       return {panels: [{title, picture, alt}], words: "…", columns: 3};
//     },
//   });
//
// It stands in docs/web/labs/NAME.js and in the table of workshop/site/labs.py, where NAME is the
// lab's name in course_lib.widgets. Names, ranges and defaults of its controls come from there, and
// so does the answer that a page shows before anything is loaded: see `lab.description`.
// A picture is {width, height, data}, three numbers from 0 to 1 for each pixel, row by row; `pixels.js`
// has what is done with them. `lab.data()` is what workshop/site/labs.py stores for the lab.
// Base gives every lab: one drawing at a time, of the newest settings; a line of words that is read
// aloud; errors; progress; Reset, Save and Link; the settings in the address, as in
// #style_lab:strength=0.5.

(() => {
  if (window.course) return;
  const script = document.currentScript;
  const folder = new URL(".", script.src).href;
  const modules = new Map(); // name of a lab -> its definition
  const labs = new Map(); // name of a lab -> its Lab on this page
  const course = (window.course = { labs });

  class CourseError extends Error {}
  course.CourseError = CourseError;

  // ---- scripts and data ------------------------------------------------------------------------

  const scripts = new Map(); // address -> promise
  const parts = new Map(); // name -> texts that have come
  const contents = new Map(); // name -> promise of bytes
  let index = null;

  /** Load a script of this folder, once. */
  course.script = (name) => {
    if (!scripts.has(name)) {
      const loaded = new Promise((resolve, reject) => {
        const element = document.createElement("script");
        element.src = folder + name;
        element.onload = () => (element.remove(), resolve());
        element.onerror = () => (
          scripts.delete(name),
          reject(new CourseError(tr`${name} could not be loaded. Load the page again.`))
        );
        document.head.append(element);
      });
      scripts.set(name, loaded);
    }
    return scripts.get(name);
  };

  /** What the build wrote about labs and data; called by index.js. */
  course.index = (found) => (index = found);

  /** Part of some data as text; called by the scripts in data/. */
  course.deliver = (name, number, text) => {
    if (!parts.has(name)) parts.set(name, []);
    parts.get(name)[number] = text;
  };

  /**
   * Data by name, loaded once: a promise of its bytes.
   * @param {string} name as it was packed by the build
   * @param {(share: number) => void} [tell] is called with the share that has come, from 0 to 1
   */
  course.bytes = (name, tell = () => {}) => {
    if (!contents.has(name)) {
      const loading = loadBytes(name, tell);
      loading.catch(() => contents.delete(name));
      contents.set(name, loading);
    }
    return contents.get(name).then((bytes) => (tell(1), bytes));
  };

  /** Load several data by name, and tell the share of them all that has come. */
  course.load = async (names, tell) => {
    const size = (name) => index.data[name] ?? 0;
    const all = names.reduce((sum, name) => sum + size(name), 0);
    let before = 0;
    for (const name of names) {
      await course.bytes(name, (share) => tell((before + share * size(name)) / all));
      before += size(name);
    }
  };

  /** Keep these bytes no longer. */
  course.forget = (name) => contents.delete(name);

  async function loadBytes(name, tell) {
    const count = index.data[name];
    if (!count) throw new CourseError(tr`There is no data of the name ${name} in this folder.`);
    for (let number = 0; number < count; number++) {
      await course.script(`data/${name}-${number}.js`);
      tell((number + 1) / (count + 1));
    }
    const texts = parts.get(name);
    parts.delete(name);
    const packed = new Blob(texts.map(fromBase64));
    const plain = packed.stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(plain).arrayBuffer());
  }

  function fromBase64(text) {
    const letters = atob(text);
    const bytes = new Uint8Array(letters.length);
    for (let place = 0; place < letters.length; place++) bytes[place] = letters.charCodeAt(place);
    return bytes;
  }

  /** Data that was packed as JSON. */
  course.json = async (name, tell) =>
    JSON.parse(new TextDecoder().decode(await course.bytes(name, tell)));

  /** Numbers that were packed into JSON as {"floats": base64 of float32, "shape": [...]}. */
  course.floats = (packed) => new Float32Array(fromBase64(packed.floats).buffer);

  /** A lab says how it works; see above. */
  course.lab = (name, definition) => modules.set(name, definition);

  // ---- elements --------------------------------------------------------------------------------

  /** An element with these properties, attributes and children. */
  function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name in element && name !== "list") element[name] = value;
      else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }
  course.make = make;

  /** A button that does something, and shows what goes wrong. */
  course.button = (lab, label, title, act) => {
    const button = make("button", { type: "button", textContent: label, title });
    button.addEventListener("click", lab.guarded(act));
    return button;
  };

  // ---- a lab -----------------------------------------------------------------------------------

  class Lab {
    constructor(element, description) {
      Object.assign(this, { element, description, name: description.name });
      this.heading = translated(description.heading);
      this.controls = {};
      for (const [name, told] of Object.entries(description.controls)) {
        this.controls[name] = new course.Control(this, name, told);
      }
      this.fileName = this.name; // of saved images
      this.sheet = null; // what was drawn last
      this.ready = null; // the promise of `prepare`
      this.asked = this.running = false;
      this.build();
      this.showFirst();
    }

    get definition() {
      return modules.get(this.name);
    }

    get settings() {
      const pairs = Object.entries(this.controls).map(([name, control]) => [name, control.value]);
      return Object.fromEntries(pairs);
    }

    build() {
      const heading = make("p", { className: "heading", textContent: this.heading });
      const rows = Object.values(this.controls).map((control) => control.row);
      this.panel = make("form", { className: "panel" }, ...rows);
      this.panel.setAttribute("aria-label", tr`Controls`);
      this.panel.addEventListener("submit", (event) => event.preventDefault());
      this.figures = make("div", { className: "figures" });
      this.bar = make("progress", { max: 1, value: 0 });
      this.bar.setAttribute("aria-label", tr`Loading`);
      this.loading = make("p", { className: "loading", hidden: true }, this.bar, make("span"));
      this.status = make("p", { className: "words" });
      this.status.setAttribute("role", "status");
      this.alert = make("p", { className: "problem" });
      this.alert.setAttribute("role", "alert");
      this.buttons = make(
        "p",
        { className: "buttons" },
        course.button(this, tr`Reset`, tr`All controls as they were at first`, () => this.reset()),
        course.button(this, tr`Save image`, tr`Download what the lab shows`, () => this.save()),
        course.button(this, tr`Copy link`, tr`The address of these settings`, () => this.copyLink()),
      );
      const right = make("div", { className: "shown" }, this.figures);
      const body = make("div", { className: "body" }, this.panel, right);
      this.element.setAttribute("role", "group");
      this.element.setAttribute("aria-label", this.heading);
      const below = [this.loading, this.status, this.alert, this.buttons];
      this.element.replaceChildren(heading, body, ...below);
      for (const event of ["pointerdown", "focusin"]) {
        this.element.addEventListener(event, () => this.prepare().catch(() => {}), { once: true });
      }
    }

    /** Groups of controls of which one is seen, chosen by buttons: title -> elements. */
    tabs(groups) {
      const boxes = Object.entries(groups).map(([title, elements]) => {
        const box = make("div", { className: "tab" }, ...elements);
        const button = make("button", { type: "button", textContent: title });
        button.addEventListener("click", () => choose(box));
        return { box, button };
      });
      const choose = (chosen) => {
        for (const { box, button } of boxes) {
          box.hidden = box !== chosen;
          button.setAttribute("aria-pressed", String(box === chosen));
        }
      };
      choose(boxes[0].box);
      const chooser = make("div", { className: "tabs" }, ...boxes.map(({ button }) => button));
      chooser.setAttribute("role", "group");
      chooser.setAttribute("aria-label", tr`More controls`);
      this.panel.append(chooser, ...boxes.map(({ box }) => box));
    }

    /** The answer that was stored with the page. */
    showFirst() {
      const { panels, words, columns } = this.description.first;
      this.showPanels(
        panels.map(({ title, file, width }) => ({
          title: translated(title),
          image: file && this.address(file),
          width,
        })),
        columns,
      );
      this.status.textContent = translated(words);
    }

    // ---- what is shown ---------------------------------------------------------------------------

    showPanels(panels, columns) {
      // "thumbnails": a large one, and the others small in a row below it.
      this.figures.classList.toggle("thumbnails", columns === "thumbnails");
      this.figures.style.setProperty("--columns", columns ?? panels.length);
      const old = [...this.figures.children];
      const figures = panels.map((panel, place) => this.figure(panel, old[place]));
      if (figures.some((one, place) => one !== old[place]) || old.length !== figures.length) {
        this.figures.replaceChildren(...figures);
      }
    }

    /** A figure for a panel; the one that stood there is used again, so that nothing jumps. */
    figure(panel, old) {
      const tag = panel.image ? "IMG" : "CANVAS";
      const fits = old && old.firstElementChild.tagName === tag;
      const figure = fits ? old : make("figure", {}, make(tag), make("figcaption"));
      const [shown, caption] = figure.children;
      caption.textContent = panel.title;
      // Many figures, each with its words below it: those are what is read aloud.
      const words = panel.alt ?? panel.title;
      if (panel.image) Object.assign(shown, { src: panel.image, alt: words });
      else {
        shown.setAttribute("role", "img");
        shown.setAttribute("aria-label", words);
        const picture = panel.picture;
        if (shown.width !== picture.width) shown.width = picture.width;
        if (shown.height !== picture.height) shown.height = picture.height;
        shown.getContext("2d").putImageData(course.asImageData(picture), 0, 0);
      }
      shown.style.width = `${panel.width ?? panel.picture?.width}px`;
      shown.classList.toggle("squares", Boolean(panel.squares));
      return figure;
    }

    say(words) {
      this.status.textContent = words;
      this.alert.textContent = "";
    }

    report(problem) {
      const known = problem instanceof CourseError;
      this.alert.textContent = known ? problem.message : tr`Something went wrong: ${problem}.`;
      if (!known) console.warn(problem);
    }

    /** The same function, which shows what goes wrong instead of losing it. */
    guarded(act) {
      return async (...events) => {
        try {
          await act(...events);
        } catch (problem) {
          this.report(problem);
        }
      };
    }

    /** Show how much has been loaded: a share from 0 to 1, and of what. */
    progress(share, words) {
      this.loading.hidden = share >= 1;
      this.bar.value = share;
      this.loading.lastElementChild.textContent = words;
    }

    // ---- drawing ---------------------------------------------------------------------------------

    /** The lab's script and those it names: they are small. */
    async loadScripts() {
      await course.script(`${this.name}.js`);
      for (const name of this.definition.needs ?? []) await course.script(`${name}.js`);
    }

    /** What is large, loaded once, when the lab comes into view or is touched. */
    prepare() {
      this.ready ??= this.load().catch((problem) => {
        this.ready = null;
        this.progress(1, "");
        this.report(problem);
        throw problem;
      });
      return this.ready;
    }

    async load() {
      this.progress(0, tr`Loading the lab.`);
      await this.loadScripts();
      await this.definition.prepare?.(this);
      this.progress(1, "");
    }

    /** The address of a file of this folder. */
    address(file) {
      return folder + file;
    }

    /** What workshop/site/labs.py stores for this lab alone. */
    data() {
      return course.json(`lab-${this.name}`);
    }

    /** A control has moved: draw, and write the settings into the address. */
    changed() {
      this.writeAddress();
      return this.request();
    }

    /** Draw the newest settings: never two drawings at once, and none that is out of date. */
    async request() {
      this.asked = true;
      if (this.running) return;
      this.running = true;
      try {
        await this.prepare();
        while (this.asked) {
          this.asked = false;
          this.element.setAttribute("aria-busy", "true");
          await this.drawOnce();
        }
      } catch {
        this.asked = false; // It has been reported.
      } finally {
        this.running = false;
        this.element.removeAttribute("aria-busy");
      }
    }

    async drawOnce() {
      try {
        const sheet = await this.definition.draw(this.settings, this);
        if (sheet) this.show(sheet);
      } catch (problem) {
        this.report(problem);
      }
    }

    show(sheet) {
      this.sheet = sheet;
      this.showPanels(sheet.panels, sheet.columns);
      this.say(sheet.words);
      this.element.dispatchEvent(new CustomEvent("drawn", { bubbles: true }));
    }

    // ---- buttons and address ---------------------------------------------------------------------

    /** Set several controls at once, without drawing. */
    change(values) {
      for (const [name, value] of Object.entries(values)) {
        const control = this.controls[name];
        if (!control) continue;
        control.value = value;
        control.onchange?.(control.value);
      }
    }

    defaults() {
      const told = Object.entries(this.description.controls);
      return Object.fromEntries(told.map(([name, control]) => [name, control.value]));
    }

    reset() {
      this.change(this.defaults());
      this.definition?.reset?.(this);
      this.alert.textContent = "";
      return this.changed();
    }

    async save() {
      if (!this.sheet) await this.request();
      if (!this.sheet) return;
      const canvas = this.definition.saved?.(this) ?? course.together(this.figures);
      const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
      const link = make("a", { href: URL.createObjectURL(blob), download: `${this.fileName}.png` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      this.say(tr`Saved as ${link.download}.`);
    }

    async copyLink() {
      this.writeAddress();
      try {
        await navigator.clipboard.writeText(location.href);
        this.say(tr`The address of these settings is copied.`);
      } catch {
        this.say(tr`The address of this page now holds these settings: copy it from there.`);
      }
    }

    /** Write what differs from the defaults into the address, as in #style_lab:strength=0.5. */
    writeAddress() {
      const usual = this.defaults();
      const changed = Object.entries(this.settings).filter(
        ([name, value]) => value !== usual[name] && !String(value).startsWith("yours: "),
      );
      const told = new URLSearchParams(changed).toString();
      history.replaceState(null, "", `#${this.name}${told && ":"}${told}`);
    }

    readAddress() {
      const [name, told] = decodeHash(location.hash);
      if (name !== this.name) return;
      const kinds = this.description.controls;
      const values = [...new URLSearchParams(told)].filter(([key]) => key in kinds);
      this.change(Object.fromEntries(values.map(([key, text]) => [key, parsed(kinds[key], text)])));
      this.element.scrollIntoView({ block: "start" });
      if (values.length) this.request();
    }
  }

  function decodeHash(hash) {
    const place = hash.indexOf(":");
    return place < 0 ? [hash.slice(1), ""] : [hash.slice(1, place), hash.slice(place + 1)];
  }

  function parsed(told, text) {
    if (told.kind === "checkbox") return text === "true";
    if (!told.options) return Number(text);
    return told.options.map(([, value]) => value).find((value) => String(value) === text);
  }

  // ---- the start -------------------------------------------------------------------------------

  async function start() {
    const places = [...document.querySelectorAll(".live-lab[data-lab]")];
    if (!places.length) return;
    // Of a link to settings the browser does not know the place.
    const [chosen] = decodeHash(location.hash);
    places.find(({ id }) => id === chosen)?.scrollIntoView({ block: "start" });
    if (!window.tr) await course.script("words.js");
    await Promise.all(["index.js", "controls.js", "figures.js"].map(course.script));
    const near = new IntersectionObserver(
      (seen) => {
        for (const { isIntersecting, target } of seen) {
          if (!isIntersecting) continue;
          near.unobserve(target);
          labs.get(target.dataset.lab).prepare().catch(() => {});
        }
      },
      { rootMargin: "300px" },
    );
    for (const place of places) {
      const description = index.labs[place.dataset.lab];
      if (!description || labs.has(description.name)) continue;
      const lab = new Lab(place, description);
      labs.set(lab.name, lab);
      await lab.loadScripts();
      lab.definition.arrange?.(lab);
      document.documentElement.classList.add("labs-are-live");
      lab.readAddress();
      near.observe(place);
    }
    window.addEventListener("hashchange", () => labs.forEach((lab) => lab.readAddress()));
  }

  const begin = () => start().catch((problem) => console.warn(problem));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
