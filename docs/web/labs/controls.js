// The controls of labs: sliders, lists, boxes to tick, numbers to type. What each is like stands in
// index.js, which the build writes from the notebook's lab.

(() => {
  const { course } = window;
  const { make } = course;

  // How a value is written beside a slider: as the notebook's labs do.
  const written = (step, value) => (step >= 1 ? String(value) : value.toFixed(step < 0.1 ? 2 : 1));

  /** A control of one of the kinds that the notebook's labs have. */
  course.Control = class {
    constructor(lab, name, told) {
      Object.assign(this, { name, told });
      this.options = told.options?.map(([words, value]) => [translated(words), value]);
      const id = `${lab.name}-${name}`;
      this.label = make("label", { htmlFor: id, textContent: translated(told.label) });
      this.output = null;
      const simple = { choice: "select", checkbox: "input", number: "input" };
      this.input = make(simple[told.kind] ?? "input", { id, name });
      if (told.kind === "choice") this.fill();
      else if (told.kind === "checkbox") this.input.type = "checkbox";
      else {
        this.input.type = told.kind === "number" ? "number" : "range";
        const steps = { min: 0, max: (told.options?.length ?? 1) - 1, step: 1 };
        for (const limit of ["min", "max", "step"]) {
          this.input[limit] = told.kind === "steps" ? steps[limit] : told[limit];
        }
        // The control itself says its value to those who listen.
        if (told.kind !== "number") {
          this.output = make("span", { className: "value", "aria-hidden": "true" });
        }
      }
      this.value = told.value;
      const heard = told.kind === "number" || told.kind === "choice" ? "change" : "input";
      this.input.addEventListener(heard, () => {
        if (told.kind === "number") this.value = this.value;
        this.say();
        this.onchange?.(this.value);
        lab.changed();
      });
      this.row = make("div", { className: `control ${told.kind}` }, this.label, this.input);
      if (this.output) this.row.append(this.output);
      if (told.kind === "checkbox") this.row.prepend(this.input);
    }

    fill() {
      this.input.replaceChildren(
        ...this.options.map(([words], place) => make("option", { textContent: words, value: place })),
      );
    }

    /** One more thing to choose, which is chosen at once, such as a visitor's own picture. */
    add(words, value) {
      this.options = this.options.filter(([, other]) => other !== value);
      this.options.push([words, value]);
      this.fill();
      this.value = value;
    }

    get value() {
      if (this.told.kind === "checkbox") return this.input.checked;
      if (this.options) return this.options[Number(this.input.value)][1];
      return Number(this.input.value);
    }

    set value(wanted) {
      const { kind, min, max } = this.told;
      if (kind === "checkbox") this.input.checked = Boolean(wanted);
      else if (this.options) {
        const place = this.options.findIndex(([, value]) => value === wanted);
        if (place >= 0) this.input.value = place;
      } else if (Number.isFinite(Number(wanted))) {
        this.input.value = Math.min(Math.max(Number(wanted), min), this.input.max || max);
      }
      this.say();
    }

    /** The largest value from now on, where that depends on another control. */
    set max(largest) {
      this.input.max = largest;
      this.say();
    }

    say() {
      if (!this.output) return;
      const place = Number(this.input.value);
      const words = this.options ? this.options[place][0] : written(this.told.step, place);
      this.output.textContent = words;
      this.input.setAttribute("aria-valuetext", words);
    }
  };
})();
