// The ablation lab: `course_lib.widgets.ablation`.

course.lab("ablation_lab", {
  needs: ["pixels", "networks", "maps", "codes"],

  async prepare(lab) {
    await course.networks.prepare(lab, ["untrained", "decode"]);
    Object.assign(lab, await lab.data(), { seen: new Map(), wholes: new Map() });
  },

  async draw(settings, lab) {
    const { style } = settings;
    if (!lab.wholes.has(style)) {
      lab.wholes.set(style, await this.judged(lab, { ...lab.whole, style }));
    }
    const whole = lab.wholes.get(style);
    const left = await this.judged(lab, settings);
    const [moved, kept] = [left.moved, left.kept].map((one) => one.toFixed(2));
    const [movedByWhole, keptByWhole] = [whole.moved, whole.kept].map((one) => one.toFixed(2));
    const taps = Object.entries(left.byTap).map(([tap, share]) => `${tap} ${share.toFixed(2)}`);
    return {
      panels: [
        {
          title: [tr`whole method`, tr`style ${movedByWhole}, content ${keptByWhole}`].join("\n"),
          picture: whole.picture,
        },
        {
          title: [tr`what is left of it`, tr`style ${moved}, content ${kept}`].join("\n"),
          picture: left.picture,
        },
      ],
      columns: 2,
      words: tr`Style moved ${moved} (whole method ${movedByWhole}), content kept ${kept} (${keptByWhole}). Style moved at each tap: ${taps.join(", ")}.`,
    };
  },

  /** The image that the parts which are left make, and its numbers by the trained encoder. */
  async judged(lab, settings) {
    const picture = await this.transferred(lab, settings);
    const found = await this.seen(picture, 0);
    const { content, style } = await this.features(lab, settings.style, 0);
    const taps = Object.keys(found).sort();
    const byTap = Object.fromEntries(
      taps.map((tap) => [tap, shareOfTheWay(...[found, content, style].map((one) => one[tap]))]),
    );
    const moved = taps.reduce((sum, tap) => sum + byTap[tap] / taps.length, 0);
    const deepest = taps.at(-1);
    return { picture, byTap, moved, kept: agreement(found[deepest], content[deepest]) };

    /** `metrics.share_of_the_way`, between the statistics of maps. */
    function shareOfTheWay(...maps) {
      const [at, from, to] = maps.map((map) => {
        const { mean, std } = course.maps.statistics(map);
        return [...mean, ...std];
      });
      const distance = (one) => one.reduce((sum, value, k) => sum + Math.abs(value - to[k]), 0);
      return 1 - distance(at) / distance(from);
    }

    /** `metrics.agreement`: the correlation of two maps, each channel normalized first. */
    function agreement(one, other) {
      const [a, b] = [one, other].map((map) => course.maps.normalized(map).data);
      const product = (x, y) => x.reduce((sum, value, at) => sum + value * y[at], 0);
      return product(a, b) / Math.max(Math.sqrt(product(a, a) * product(b, b)), 1e-12);
    }
  },

  async transferred(lab, { style, tap, numbers, normalize, untrained }) {
    const seen = await this.features(lab, style, untrained);
    let code = seen.content[tap];
    if (numbers) {
      const apart = await course.codes.apart(code);
      const first = course.codes.first(code, apart.numbers, numbers);
      code = course.codes.together(code, apart, first, numbers);
    }
    if (normalize) code = course.maps.normalized(code);
    const { mean, std } = course.maps.statistics(seen.style[tap]);
    const data = code.data.map((value, at) => {
      const channel = at % code.channels;
      return Math.max(0, value * std[channel] + mean[channel]);
    });
    return course.codes.drawn(seen.content, tap, { ...code, data });
  },

  /** What a more or less untrained encoder sees of the content and of a style; a few are kept. */
  async features(lab, name, untrained) {
    const look = async (one) => {
      const picture = course.pixels.withSide(await course.pixels.ofCollection(one), lab.size);
      return this.seen(picture, untrained);
    };
    const kept = (one) => {
      const key = `${one} ${untrained}`;
      if (!lab.seen.has(key)) {
        // The oldest goes first.
        if (lab.seen.size > 7) lab.seen.delete(lab.seen.keys().next().value);
        lab.seen.set(key, look(one));
      }
      return lab.seen.get(key);
    };
    return { content: await kept(lab.content), style: await kept(name) };
  },

  /** What an encoder with that share of random weights sees of a picture. */
  seen(picture, untrained) {
    return course.maps.of(picture, "untrained", { untrained: course.networks.number(untrained) });
  },
});
