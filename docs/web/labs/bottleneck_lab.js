// The bottleneck lab: `course_lib.widgets.bottleneck`.

course.lab("bottleneck_lab", {
  needs: ["pixels", "networks", "maps", "codes"],

  async prepare(lab) {
    await course.networks.prepare(lab, ["encode", "decode"]);
    Object.assign(lab, await lab.data(), { kept: new Map() });
  },

  async draw(settings, lab) {
    const { tap, blend } = settings;
    const { original, features, code, kept, bits } = await this.blended(lab, settings);
    const drawn = await course.codes.drawn(features, tap, code);
    const difference = course.pixels.map(drawn, (value, at) => {
      return Math.min(1, Math.max(0, 0.5 + 4 * (value - original.data[at])));
    });
    const quality = course.pixels.psnr(original, drawn).toFixed(1);
    const { height, width, channels } = code;
    return {
      panels: [
        { title: blend ? tr`the pixels, blended` : tr`photograph`, picture: original },
        { title: blend ? tr`from the codes, blended` : tr`from the code`, picture: drawn },
        { title: tr`difference × 4`, picture: difference },
      ],
      columns: 3,
      words: tr`Code: ${height} x ${width} places with ${kept} of ${channels} numbers each; ${bits.toFixed(2)} bits a pixel; PSNR ${quality} dB.`,
    };
  },

  /** The image or the mixture of two, its narrowed code, and the bits a pixel of it. */
  async blended(lab, settings) {
    const { first, second, blend } = settings;
    const one = await this.narrowed(lab, first, settings);
    if (!blend) return one;
    const other = await this.narrowed(lab, second, settings);
    const mixed = (a, b) => a.data.map((value, at) => (1 - blend) * value + blend * b.data[at]);
    return {
      ...one,
      original: { ...one.original, data: mixed(one.original, other.original) },
      code: { ...one.code, data: mixed(one.code, other.code) },
      bits: one.bits + other.bits,
    };
  },

  /** An image, and its code after forgetting and rounding. */
  async narrowed(lab, name, { tap, divisor, rounding }) {
    const { picture, features } = await course.maps.seen(lab, name);
    const map = features[tap];
    const apart = await course.codes.apart(map);
    const kept = Math.max(1, Math.floor(map.channels / divisor));
    const step = rounding * deviation(apart.numbers);
    const numbers = course.codes.first(map, apart.numbers, kept);
    const rounded = numbers.map((number) => course.pixels.round(number / step));
    const code = course.codes.together(map, apart, rounded.map((whole) => whole * step), kept);
    const bits = bitsPerPixel(rounded, picture.width * picture.height);
    return { original: picture, features, code, kept, bits };

    /** The standard deviation of numbers whose mean is 0. */
    function deviation(values) {
      return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    }

    /** `metrics.bits_per_pixel`: the entropy of whole numbers, for each pixel of an image. */
    function bitsPerPixel(symbols, pixels) {
      const counts = new Map();
      for (const symbol of symbols) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
      let sum = 0;
      for (const count of counts.values()) sum -= count * Math.log2(count / symbols.length);
      return sum / pixels;
    }
  },
});
