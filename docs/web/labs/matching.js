// Colors matched to others, as `course_lib.transfer.matching` does it. Colors are a picture's data:
// three numbers a pixel, in some color space; `colors.js` has Lab and the linear algebra.

(() => {
  const { course } = window;
  const { colors } = course;
  const matching = (course.matching = {});
  const MOST_GAIN = 8;
  const TINY = 1e-7;
  const KNOTS = 4096;
  const THREE = [0, 1, 2];

  // ---- color spaces: `transfer.colors.to_space` and `from_space` ---------------------------------

  const XYZ_TO_CONES = [0.3897, 0.689, -0.0787, -0.2298, 1.1834, 0.0464, 0, 0, 1];
  const scaled = (row, factor) => row.map((value) => value * Math.sqrt(factor));
  const CONES_TO_OPPONENTS = [
    ...scaled([1, 1, 1], 1 / 3),
    ...scaled([1, 1, -2], 1 / 6),
    ...scaled([1, -1, 0], 1 / 2),
  ];
  const DARKEST = 0.01;
  const clipped = (value) => Math.min(1, Math.max(0, value));

  const SPACES = {
    rgb: [(rgb) => rgb, (rgb) => rgb.map(clipped)],
    lab: [colors.toLab, colors.fromLab],
    ruderman: [
      (rgb) => {
        const cones = colors.apply(XYZ_TO_CONES, colors.toXyz(rgb));
        const logarithms = cones.map((value) => Math.log10(Math.max(value, 0) + DARKEST));
        return colors.apply(CONES_TO_OPPONENTS, logarithms);
      },
      (values) => {
        const logarithms = colors.apply(colors.inverse(CONES_TO_OPPONENTS), values);
        const cones = logarithms.map((value) => 10 ** value - DARKEST);
        return colors.fromXyz(colors.apply(colors.inverse(XYZ_TO_CONES), cones));
      },
    ],
  };

  /** Every three numbers changed by a function of them. */
  function each(data, change) {
    const made = new Float64Array(data.length);
    for (let at = 0; at < data.length; at += 3) {
      made.set(change([data[at], data[at + 1], data[at + 2]]), at);
    }
    return made;
  }
  matching.toSpace = (data, space) => each(data, SPACES[space][0]);
  matching.fromSpace = (data, space) => each(data, SPACES[space][1]);

  // ---- the methods -------------------------------------------------------------------------------

  function meanStd(data, wanted) {
    const [own, other] = [data, wanted].map((one) => colors.moments({ data: one }));
    const std = (moments, k) => Math.sqrt(Math.max(moments.covariance[4 * k], 0));
    const gains = THREE.map((k) => Math.min(std(other, k) / Math.max(std(own, k), TINY), MOST_GAIN));
    return each(data, (color) =>
      color.map((value, k) => (value - own.mean[k]) * gains[k] + other.mean[k]),
    );
  }

  const powered = ({ values, vectors }, change) =>
    colors.times(
      vectors.map((value, place) => value * change(values[place % 3])),
      colors.turned(vectors),
    );
  const power = (matrix, exponent) =>
    powered(colors.eigen(matrix), (value) => Math.max(value, 1e-14) ** exponent);

  function covariance(data, wanted) {
    const [own, other] = [data, wanted].map((one) => colors.moments({ data: one }));
    const spread = own.covariance.map((value, place) => value + (place % 4 ? 0 : TINY));
    const [root, whiten] = [power(spread, 0.5), power(spread, -0.5)];
    const inner = power(colors.times(root, colors.times(other.covariance, root)), 0.5);
    const change = colors.times(whiten, colors.times(inner, whiten));
    // A content that hardly varies would have its noise blown up.
    const bounded = powered(colors.eigen(change), (gain) => Math.min(gain, MOST_GAIN));
    return each(data, (color) => {
      const off = color.map((value, k) => value - own.mean[k]);
      return colors.apply(bounded, off).map((value, k) => value + other.mean[k]);
    });
  }

  /** Values at these shares of the way from the smallest to the largest. */
  function quantiles(sorted, count) {
    const last = sorted.length - 1;
    return Float64Array.from({ length: count }, (_, k) => {
      const place = (k / (count - 1)) * last;
      const below = Math.min(Math.floor(place), last);
      const above = Math.min(below + 1, last);
      return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    });
  }

  /** `rank_map`: numbers in ascending order, and what becomes of them. */
  function rankMap(sorted, wanted) {
    const count = Math.min(sorted.length, KNOTS);
    const [own, other] = [quantiles(sorted, count), quantiles(wanted, count)];
    const levels = [];
    const targets = [];
    for (let k = 0; k < count; ) {
      let [end, sum] = [k, 0];
      while (end < count && own[end] === own[k]) sum += other[end++];
      levels.push(own[k]);
      targets.push(sum / (end - k));
      k = end;
    }
    return [levels, targets];
  }

  /** `np.interp`: straight lines between levels, and flat beyond them. */
  function interpolated(value, levels, targets) {
    let [low, high] = [0, levels.length - 1];
    if (value <= levels[low]) return targets[low];
    if (value >= levels[high]) return targets[high];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (levels[middle] <= value) low = middle;
      else high = middle;
    }
    const share = (value - levels[low]) / (levels[high] - levels[low]);
    return targets[low] + share * (targets[high] - targets[low]);
  }

  const channel = (data, k) => Float64Array.from({ length: data.length / 3 }, (_, at) => data[3 * at + k]);
  const sortedChannel = (data, k) => channel(data, k).sort();

  function histogram(data, wanted) {
    const made = new Float64Array(data.length);
    for (const k of THREE) {
      const map = rankMap(sortedChannel(data, k), sortedChannel(wanted, k));
      for (let at = k; at < data.length; at += 3) made[at] = interpolated(data[at], ...map);
    }
    return made;
  }

  /** Histograms along turned axes, again and again; between two turns the page may breathe. */
  async function distribution(data, wanted, turns) {
    let matched = covariance(data, wanted);
    for (const axes of turns) {
      const back = colors.turned(axes);
      const along = (one) => each(one, (color) => colors.apply(back, color));
      const turned = histogram(along(matched), along(wanted));
      matched = each(turned, (color) => colors.apply(axes, color));
      await new Promise((resolve) => setTimeout(resolve));
    }
    return matched;
  }

  const METHODS = { mean_std: meanStd, covariance, histogram, distribution };

  /**
   * `PixelTransfer.recolored` for images that are taken whole: a picture in another one's colors.
   * @param {number[][]} turns the axes of "distribution", each a matrix of 3 x 3, row by row
   */
  matching.recolored = async (content, style, { method, space, turns }) => {
    const [own, wanted] = [content, style].map((one) => matching.toSpace(one.data, space));
    const matched = await METHODS[method](own, wanted, turns);
    return { ...content, data: Float32Array.from(matching.fromSpace(matched, space)) };
  };

  /** How far values must be moved in the mean for equal histograms: `widgets.pixel`. */
  matching.channelDistance = (image, style) => {
    let sum = 0;
    for (const k of THREE) {
      const other = sortedChannel(style.data, k);
      sortedChannel(image.data, k).forEach((value, at) => (sum += Math.abs(value - other[at])));
    }
    return sum / image.data.length;
  };

  // ---- the guided filter: `transfer.guided` ------------------------------------------------------

  /** The mean over a window of 2 * radius + 1 along one direction, mirrored at the border. */
  function along(values, made, start, step, length, radius) {
    const mirrored = (place) => {
      if (place < 0) place = -1 - place;
      return start + step * (place < length ? place : 2 * length - 1 - place);
    };
    let sum = 0;
    for (let place = -radius; place <= radius; place++) sum += values[mirrored(place)];
    for (let place = 0; place < length; place++) {
      made[start + step * place] = sum / (2 * radius + 1);
      sum += values[mirrored(place + radius + 1)] - values[mirrored(place - radius)];
    }
  }

  function windowMeans(values, width, height, radius) {
    const half = new Float64Array(values.length);
    for (let row = 0; row < height; row++) along(values, half, row * width, 1, width, radius);
    for (let column = 0; column < width; column++) along(half, values, column, width, height, radius);
    return values;
  }

  /** `guided_filter_change`: the change may jump only where the content does. */
  matching.guidedFilter = (content, changed, radius, detail = 0.02) => {
    const { width, height } = content;
    const count = width * height;
    const means = (value) =>
      windowMeans(Float64Array.from({ length: count }, (_, at) => value(3 * at)), width, height, radius);
    const own = (k) => (at) => content.data[at + k];
    const move = (k) => (at) => changed.data[at + k] - content.data[at + k];
    const product = (one, other) => (at) => one(at) * other(at);
    const centers = THREE.map((k) => means(own(k)));
    const moves = THREE.map((k) => means(move(k)));
    const pairs = THREE.map((i) => THREE.map((j) => (j < i ? null : means(product(own(i), own(j))))));
    const mixed = THREE.map((i) => THREE.map((k) => means(product(own(i), move(k)))));
    const lines = Array.from({ length: 12 }, () => new Float64Array(count));
    for (let at = 0; at < count; at++) {
      const spread = [];
      for (const i of THREE) {
        for (const j of THREE) {
          const mean = pairs[Math.min(i, j)][Math.max(i, j)][at];
          spread.push(mean - centers[i][at] * centers[j][at] + (i === j ? detail ** 2 : 0));
        }
      }
      const solve = colors.inverse(spread);
      for (const k of THREE) {
        const right = THREE.map((i) => mixed[i][k][at] - centers[i][at] * moves[k][at]);
        const slope = colors.apply(solve, right);
        slope.forEach((value, i) => (lines[3 * k + i][at] = value));
        lines[9 + k][at] = moves[k][at] - slope.reduce((sum, one, i) => sum + one * centers[i][at], 0);
      }
    }
    for (const line of lines) windowMeans(line, width, height, radius);
    const data = new Float32Array(3 * count);
    for (let at = 0; at < count; at++) {
      const color = content.data.subarray(3 * at, 3 * at + 3);
      for (const k of THREE) {
        const change = THREE.reduce((sum, i) => sum + color[i] * lines[3 * k + i][at], lines[9 + k][at]);
        data[3 * at + k] = clipped(color[k] + change);
      }
    }
    return { width, height, data };
  };
})();
