// Painting live: `course_lib.widgets.live`, on squares, because the program of a step has a size.

course.lab("painting_live", {
  needs: ["pixels", "networks", "descent", "chart"],

  async prepare(lab) {
    await course.networks.prepare(lab, ["describe", "step"]);
    Object.assign(lab, await lab.data());
    lab.runner = new course.descent.Runner(
      () => this.advance(lab),
      (state) => this.showState(lab, state),
    );
  },

  arrange(lab) {
    const button = (label, title, act) => course.button(lab, label, title, act);
    lab.begin = button(tr`Start`, tr`Start from the beginning, with these settings`, () => this.start(lab));
    lab.pause = button(tr`Pause`, tr`Wait after the next step, and go on from there`, () => this.pause(lab));
    lab.one = button(tr`One step`, tr`Take one step and wait`, () => this.oneStep(lab));
    lab.stop = button(tr`Stop`, tr`End the optimization; the image stays`, () => lab.runner.set("stopped"));
    const row = course.make("p", { className: "buttons" }, lab.begin, lab.pause, lab.one, lab.stop);
    lab.panel.append(row);
    lab.controls.content.onchange = () => this.forget(lab);
    lab.calm = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.forget(lab);
  },

  /** Another content is chosen: what was painted from the last one is not shown with it. */
  forget(lab) {
    Object.assign(lab, { optimizer: null, history: {} });
    this.showState(lab, "stopped");
  },

  /** Only what makes sense can be pressed. */
  showState(lab, state) {
    const running = state !== "stopped";
    lab.begin.disabled = running;
    lab.pause.disabled = lab.stop.disabled = !running;
    lab.one.disabled = state === "running";
    lab.pause.textContent = state === "paused" ? tr`Go on` : tr`Pause`;
    for (const name of ["content", "style", "start", "count"]) {
      lab.controls[name].input.disabled = running;
    }
  },

  square: async (name) => course.descent.square(await course.pixels.ofCollection(name)),

  async setUp(lab) {
    await lab.prepare();
    const { content, style, start, count } = lab.settings;
    const [photograph, painting] = [await this.square(content), await this.square(style)];
    const [wanted, asked] = [
      await course.descent.describe(photograph),
      await course.descent.describe(painting),
    ];
    const from = start === "noise" ? course.descent.noise(course.floats(lab.noise), painting) : photograph;
    lab.history = { step: [], total: [], content: [], style: [], variation: [] };
    lab.optimizer = new course.descent.Optimizer(wanted, asked, from, count, () => this.weights(lab));
  },

  /** The weights that the sliders ask for; where all are 0, the last ones stay. */
  weights(lab) {
    const { content_weight, style_weight, variation_weight } = lab.settings;
    const { usual } = lab;
    const asked = {
      content: usual.content * content_weight,
      variation: usual.variation * variation_weight,
      // All taps and both kinds count alike.
      styles: new Array(8).fill((usual.style * style_weight) / 8),
    };
    const nothing = !content_weight && !style_weight && !variation_weight;
    lab.alert.textContent = nothing
      ? tr`All weights are 0: then nothing is asked of the image. Raise one.`
      : "";
    if (!nothing) lab.lastWeights = asked;
    return lab.lastWeights ?? asked;
  },

  async start(lab) {
    this.showState(lab, "running");
    lab.say(tr`Getting ready.`);
    await this.setUp(lab);
    await lab.runner.run();
  },

  async pause(lab) {
    if (lab.runner.state === "paused") return lab.runner.run();
    lab.runner.set("paused");
  },

  async oneStep(lab) {
    await lab.prepare();
    if (!lab.optimizer || lab.optimizer.done || lab.runner.state === "stopped") {
      await this.setUp(lab);
    }
    lab.runner.set("paused");
    // The look at the start is no step.
    if (!lab.optimizer.losses) await lab.runner.once();
    await lab.runner.once();
  },

  async advance(lab) {
    const { optimizer, history } = lab;
    const losses = await optimizer.advance();
    // The content has been changed meanwhile.
    if (optimizer !== lab.optimizer) return false;
    history.step.push(optimizer.step);
    for (const [name, value] of Object.entries(losses)) history[name].push(value);
    const often = lab.calm.matches ? 10 : 1;
    if (optimizer.step % often === 0 || optimizer.done || lab.runner.state !== "running") this.paintSoon(lab);
    return !optimizer.done;
  },

  /** Paint with the next frame of the screen: meanwhile the next step is under way. */
  paintSoon(lab) {
    lab.frame ??= requestAnimationFrame(() => {
      lab.frame = null;
      if (lab.optimizer?.losses) this.paint(lab);
    });
  },

  /** Show the step; the words, which are read aloud, only now and then. */
  paint(lab) {
    const sheet = this.sheet(lab);
    lab.sheet = sheet;
    lab.showPanels(sheet.panels, sheet.columns);
    const { step, done } = lab.optimizer;
    const problem = lab.alert.textContent;
    if (step % 10 === 0 || done || lab.runner.state !== "running") lab.say(sheet.words);
    lab.alert.textContent = problem;
  },

  sheet(lab) {
    const { optimizer, history } = lab;
    const number = (value) => Number(value.toPrecision(3));
    const parts = Object.entries(optimizer.losses).map(([name, value]) => `${course.lossNames[name]} ${number(value)}`);
    return {
      panels: [
        { title: tr`step ${optimizer.step} of ${optimizer.steps}`, picture: optimizer.picture, width: 256 },
        {
          title: tr`losses`,
          picture: course.lossChart(history, optimizer.steps),
          width: 300,
          alt: tr`The curves of the losses over the steps; the line below says where they are.`,
        },
      ],
      columns: 2,
      words: tr`Step ${optimizer.step}: ${parts.join(", ")}.`,
    };
  },

  async draw(settings, lab) {
    if (lab.optimizer?.losses) return this.sheet(lab);
    return {
      panels: [
        { title: tr`not started yet`, picture: await this.square(settings.content), width: 256 },
        { title: tr`losses`, picture: course.lossChart({}, settings.count), width: 300, alt: tr`No curves yet.` },
      ],
      columns: 2,
      words: tr`Choose, then press Start.`,
    };
  },

  reset(lab) {
    lab.runner?.set("stopped");
    this.forget(lab);
  },
});
