// An image that is optimized, step by step, as `course_lib.transfer.ImageOptimizer` does it on one
// scale. The program of a step, "step", has its backward pass in it; its images are squares.

(() => {
  const { course } = window;
  const descent = (course.descent = {});
  const RATE = 0.03;
  const STATE = ["pixels", "gradient", "mean", "square", "count"];
  descent.side = 128;

  /** What a square picture asks for: {style, relu3_1, relu4_1}. */
  descent.describe = (picture) =>
    course.networks.run("describe", { image: course.networks.fromPicture(picture) });

  /** The square in the middle of a picture, at the size of the programs. */
  descent.square = (picture) => course.pixels.fitted(picture, descent.side, descent.side);

  /** Faint noise around a style's mean color, as the library begins with. */
  descent.noise = (faint, style) => {
    const mean = [0, 1, 2].map((k) => {
      let sum = 0;
      for (let at = k; at < style.data.length; at += 3) sum += style.data[at];
      return (3 * sum) / style.data.length;
    });
    const data = faint.map((value, at) => Math.min(1, Math.max(0, mean[at % 3] + value)));
    return { ...style, data };
  };

  descent.Optimizer = class {
    /**
     * @param {object} content what `describe` gave of the content
     * @param {object} style what it gave of the style
     * @param {object} start picture
     * @param {number} steps in all
     * @param {() => object} weights {content, variation, styles}, looked up before each step;
     *   `styles` are two numbers, for Gram matrices and for statistics, of each tap
     */
    constructor(content, style, start, steps, weights) {
      const { fromPicture, number } = course.networks;
      const zeros = () => fromPicture({ ...start, data: new Float32Array(start.data.length) });
      const state = { gradient: zeros(), mean: zeros(), square: zeros(), count: number(0) };
      Object.assign(this, { steps, weights, step: 0, losses: null });
      this.targets = { style: style.style, relu3_1: content.relu3_1, relu4_1: content.relu4_1 };
      this.state = { pixels: fromPicture(start), ...state };
    }

    get done() {
      return this.step >= this.steps;
    }

    /** Take a step; the first call takes none, and looks at the start. */
    async advance() {
      const { number, tensor } = course.networks;
      const { content, variation, styles } = this.weights();
      const moves = this.losses !== null;
      const rate = moves ? RATE * (1 - (14 / 15) * Math.min(this.step / this.steps, 1)) : 0;
      const found = await course.networks.run("step", {
        ...this.state,
        ...this.targets,
        rate: number(rate),
        content: number(content),
        variation: number(variation),
        styles: tensor(styles, [styles.length / 2, 2]),
      });
      const seen = moves ? STATE : ["gradient"];
      for (const name of seen) this.state[name] = found[`next_${name}`];
      this.losses = {
        total: found.total.data[0],
        content: found.content_loss.data[0],
        style: styles.some(Boolean) ? found.style_loss.data[0] : 0,
        variation: found.variation_loss.data[0],
      };
      this.step += moves ? 1 : 0;
      return this.losses;
    }

    get picture() {
      return course.networks.toPicture(this.state.pixels);
    }
  };

  /**
   * Work in steps that can be paused, stopped, and taken one at a time.
   * @param {() => Promise<boolean>} advance takes a step, and says whether there are more
   * @param {(state: string) => void} tell is told "running", "paused" or "stopped"
   */
  descent.Runner = class {
    constructor(advance, tell) {
      Object.assign(this, { advance, tell, state: "stopped", working: null });
    }

    set(state) {
      this.state = state;
      this.tell(state);
    }

    /** Run until it is paused, stopped or done. */
    async run() {
      this.set("running");
      while (this.state === "running") await this.once();
    }

    async once() {
      if (this.working) return this.working;
      this.working = this.advance();
      try {
        if (!(await this.working)) this.set("stopped");
      } catch (problem) {
        this.set("stopped");
        throw problem;
      } finally {
        this.working = null;
      }
    }
  };
})();
