// Feature-based transfer in the page, as `course_lib.transfer.FeatureTransfer` does it, with the
// networks "look" and "draw". The build stores the statistics of the course's styles.

(() => {
  const { course } = window;
  const transfer = (course.transfer = {});
  const GRAIN = 0.015;
  const DRAFT = 180;
  const HANDED_ON = 0.9;
  const WHOLE = 360;
  const STROKES = { fine: 0, medium: 1, large: 2 };
  const STYLE_SIDES = [128, 256, 512];
  const SMALLEST = 16;
  const LEVELS = 4;
  const NOTHING = Array(LEVELS).fill(0);

  // ---- codes -------------------------------------------------------------------------------------

  /** What the encoder sees of a picture with that much grain: {statistics, features}. */
  async function seen(picture, grain) {
    const { networks } = course;
    return networks.run("look", { image: networks.fromPicture(picture), grain: networks.number(grain) });
  }

  /** A style by its statistics: a map side -> row of statistics. */
  transfer.styleCode = async (picture) => {
    const side = Math.max(picture.width, picture.height);
    const rows = new Map([[side, (await seen(picture, 0)).statistics.data]]);
    for (const smaller of STYLE_SIDES.filter((one) => one < side)) {
      const copy = course.pixels.withSide(picture, smaller);
      rows.set(smaller, (await seen(copy, 0)).statistics.data);
    }
    return { side, rows };
  };

  /** A style whose statistics were stored: {side, rows: {side: numbers}}. */
  transfer.storedStyle = ({ side, rows }) => ({
    side,
    rows: new Map(Object.entries(rows).map(([one, packed]) => [Number(one), course.floats(packed)])),
  });

  /** The row of the copy whose longer side is nearest to that many pixels. */
  function rowAt({ rows }, side) {
    const far = (one) => Math.abs(Math.log(one / side));
    return rows.get([...rows.keys()].reduce((best, one) => (far(one) < far(best) ? one : best)));
  }

  // ---- sizes -------------------------------------------------------------------------------------

  /** `strokes.pass_sizes`: [width, height] from the draft to the picture's own. */
  transfer.passSizes = (width, height, stroke) => {
    const { round } = course.pixels;
    const factor = STROKES[stroke] ?? stroke;
    const longer = Math.max(width, height);
    if (longer * factor <= WHOLE) return [[width, height]];
    const passes = 1 + Math.max(1, round(Math.log2((longer * factor) / DRAFT)));
    const shrink = DRAFT / factor / longer;
    return Array.from({ length: passes }, (_, number) => {
      const scale = shrink ** (1 - number / (passes - 1));
      return [width, height].map((side) => Math.max(SMALLEST, round(side * scale)));
    });
  };

  /** `strokes.with_detail`: what painting has changed in a copy, enlarged and added to the content. */
  function withDetail(painted, before, content) {
    const change = course.pixels.map(painted, (value, at) => HANDED_ON * (value - before.data[at]));
    const { width, height } = content;
    const enlarged = course.pixels.resize(change, width, height, "bicubic", false);
    return course.pixels.map(content, (value, at) => Math.min(1, Math.max(0, value + enlarged.data[at])));
  }

  // ---- painting ----------------------------------------------------------------------------------

  async function drawn(code, size, styles, shares, strengths) {
    const { networks } = course;
    const [first, second] = [styles[0], styles[1] ?? styles[0]];
    const rows = new Float32Array([...first, ...second]);
    const { image } = await networks.run("draw", {
      features: code.features,
      own: code.statistics,
      styles: networks.tensor(rows, [2, first.length]),
      proportions: networks.tensor(styles.length > 1 ? shares : [1, 0]),
      strengths: networks.tensor(strengths),
      size: networks.tensor([size.height, size.width]),
    });
    return networks.toPicture(image);
  }

  /**
   * Keeps what was encoded last, so that a slider which does not concern it costs one drawing.
   */
  transfer.Painter = class {
    constructor() {
      this.codes = new Map();
    }

    /** The code of a picture with that grain; a few of them are kept. */
    code(picture, grain) {
      const key = `${grain}`;
      const kept = this.codes.get(picture) ?? new Map();
      if (!this.codes.has(picture)) {
        // The oldest goes first.
        if (this.codes.size > 3) this.codes.delete(this.codes.keys().next().value);
        this.codes.set(picture, kept);
      }
      if (!kept.has(key)) {
        if (kept.size > 8) kept.clear();
        kept.set(key, seen(picture, grain));
      }
      return kept.get(key);
    }

    /** What the decoder makes of a picture with that grain: drawn with its own statistics. */
    async plain(picture, grain) {
      const code = await this.code(picture, grain);
      code.plain ??= drawn(code, picture, [code.statistics.data], [1], NOTHING);
      return code.plain;
    }

    /** The picture's copies from the coarsest to itself. */
    copies(content, stroke) {
      const sizes = transfer.passSizes(content.width, content.height, stroke);
      if (this.from !== content || this.stroke !== stroke) {
        Object.assign(this, { from: content, stroke });
        this.made = sizes.map(([width, height]) => course.pixels.resize(content, width, height));
      }
      return this.made;
    }

    /** One run through all sizes with these styles, mixed by their shares. */
    async stylize(content, styles, { shares, strengths, stroke }) {
      const grain = GRAIN * Math.max(...strengths);
      const copies = this.copies(content, stroke);
      let code = await this.code(copies[0], grain);
      let painted = null;
      for (const [number, copy] of copies.entries()) {
        const side = Math.max(copy.width, copy.height);
        const rows = styles.map((style) =>
          copies.length > 1 ? rowAt(style, side) : style.rows.get(style.side),
        );
        painted = await drawn(code, copy, rows, shares, strengths);
        const next = copies[number + 1];
        if (!next) break;
        code = await seen(withDetail(painted, await this.plain(copy, grain), next), grain);
        if (Math.min(...strengths) < 1) {
          // Half the strength is half the way from the content, not from what is half painted.
          code = { ...code, statistics: (await this.code(next, 0)).statistics };
        }
      }
      return painted;
    }

    /**
     * A picture in the manner of one style or two, as a call of `FeatureTransfer`.
     * @param {object} content picture
     * @param {object[]} styles codes
     * @param {number} options.strength from 0 to 1
     * @param {number[]} [options.taps] what multiplies the strength at each tap
     * @param {string | number} [options.stroke]
     * @param {number[]} [options.shares] how much of each style; where there are no masks
     * @param {object[]} [options.masks] where each style applies
     * @param {boolean} [options.luminance] keep the content's colors
     */
    async paint(content, styles, { strength, taps = [], stroke = "medium", shares, masks, luminance }) {
      const strengths = Array.from({ length: LEVELS }, (_, tap) => strength * (taps[tap] ?? 1));
      const settings = { shares, strengths, stroke };
      let image = null;
      if (!masks) image = await this.stylize(content, styles, settings);
      else {
        // By masks each style paints alone, and the results are faded into each other.
        image = course.pixels.map(content, (value) => value);
        for (const [number, style] of styles.entries()) {
          const painted = await this.stylize(content, [style], settings);
          const mask = masks[number].data;
          for (let at = 0; at < image.data.length; at++) {
            const share = mask[Math.floor(at / 3)];
            image.data[at] += share * (painted.data[at] - content.data[at]);
          }
        }
        image = course.pixels.map(image, (value) => Math.min(1, Math.max(0, value)));
      }
      return luminance ? course.colors.withColorsOf(image, content) : image;
    }
  };
})();
