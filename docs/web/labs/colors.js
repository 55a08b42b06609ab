// Colors alone, as `course_lib.transfer.colors` has them.

(() => {
  const { course } = window;
  const colors = (course.colors = {});

  // ---- CIE Lab, as scikit-image computes it (sRGB, D65) ------------------------------------------

  const TO_XYZ = [0.412453, 0.35758, 0.180423, 0.212671, 0.71516, 0.072169, 0.019334, 0.119193, 0.950227];
  const WHITE = [0.95047, 1, 1.08883];
  const linear = (v) => (v > 0.04045 ? ((v + 0.055) / 1.055) ** 2.4 : v / 12.92);
  const gamma = (v) => (v > 0.0031308 ? 1.055 * v ** (1 / 2.4) - 0.055 : 12.92 * v);
  const root = (t) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const cube = (t) => (t > 0.2068966 ? t ** 3 : (t - 16 / 116) / 7.787);
  const apply = (m, [a, b, c]) => [0, 3, 6].map((row) => m[row] * a + m[row + 1] * b + m[row + 2] * c);

  function inverse(m) {
    const minor = (a, b, c, d) => m[a] * m[d] - m[b] * m[c];
    const adjugate = [
      ...[minor(4, 5, 7, 8), -minor(1, 2, 7, 8), minor(1, 2, 4, 5)],
      ...[-minor(3, 5, 6, 8), minor(0, 2, 6, 8), -minor(0, 2, 3, 5)],
      ...[minor(3, 4, 6, 7), -minor(0, 1, 6, 7), minor(0, 1, 3, 4)],
    ];
    const determinant = m[0] * adjugate[0] + m[1] * adjugate[3] + m[2] * adjugate[6];
    return adjugate.map((value) => value / determinant);
  }
  const TO_RGB = inverse(TO_XYZ);
  Object.assign(colors, { apply, inverse });

  /** Every pixel's three numbers changed by a function of them. */
  function each(picture, change) {
    const data = new Float32Array(picture.data.length);
    for (let at = 0; at < data.length; at += 3) {
      data.set(change([picture.data[at], picture.data[at + 1], picture.data[at + 2]], at), at);
    }
    return { ...picture, data };
  }

  colors.toXyz = (rgb) => apply(TO_XYZ, rgb.map(linear));
  colors.fromXyz = (xyz) => apply(TO_RGB, xyz).map((value) => Math.min(1, Math.max(0, gamma(value))));

  colors.toLab = (rgb) => {
    const [x, y, z] = colors.toXyz(rgb).map((value, k) => root(value / WHITE[k]));
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  };

  colors.fromLab = ([lightness, green, blue]) => {
    const y = (lightness + 16) / 116;
    const xyz = [green / 500 + y, y, Math.max(0, y - blue / 200)].map((t, k) => cube(t) * WHITE[k]);
    return colors.fromXyz(xyz);
  };

  /** `colors.with_colors_of`: the picture's lightness with the reference's colors. */
  colors.withColorsOf = (picture, reference) =>
    each(picture, (rgb, at) => {
      const [, green, blue] = colors.toLab([...reference.data.subarray(at, at + 3)]);
      return colors.fromLab([colors.toLab(rgb)[0], green, blue]);
    });

  // ---- mean and covariance -----------------------------------------------------------------------

  /** The mean of each channel, and the covariance of the three, row by row. */
  colors.moments = ({ data }) => {
    const mean = [0, 0, 0];
    for (let at = 0; at < data.length; at++) mean[at % 3] += (3 * data[at]) / data.length;
    const covariance = new Array(9).fill(0);
    for (let at = 0; at < data.length; at += 3) {
      const off = [0, 1, 2].map((k) => data[at + k] - mean[k]);
      for (let k = 0; k < 9; k++) covariance[k] += off[Math.trunc(k / 3)] * off[k % 3];
    }
    return { mean, covariance: covariance.map((value) => (3 * value) / data.length) };
  };

  const times = (a, b) =>
    a.map((_, k) => [0, 1, 2].reduce((sum, j) => sum + a[3 * Math.trunc(k / 3) + j] * b[3 * j + (k % 3)], 0));
  const turned = (m) => m.map((_, k) => m[3 * (k % 3) + Math.trunc(k / 3)]);
  Object.assign(colors, { times, turned });

  /** Eigenvalues and, as columns, eigenvectors of a symmetric 3 x 3 matrix, by Jacobi's rotations. */
  colors.eigen = (matrix) => {
    let [values, vectors] = [matrix, [1, 0, 0, 0, 1, 0, 0, 0, 1]];
    for (let sweep = 0; sweep < 20; sweep++) {
      for (const [p, q] of [[0, 1], [0, 2], [1, 2]]) {
        const angle = Math.atan2(2 * values[3 * p + q], values[4 * q] - values[4 * p]) / 2;
        const turn = [1, 0, 0, 0, 1, 0, 0, 0, 1];
        turn[4 * p] = turn[4 * q] = Math.cos(angle);
        turn[3 * p + q] = Math.sin(angle);
        turn[3 * q + p] = -Math.sin(angle);
        values = times(turned(turn), times(values, turn));
        vectors = times(vectors, turn);
      }
    }
    return { values: [values[0], values[4], values[8]], vectors };
  };

  /** `statistics.matrix_power`, with its ridge. */
  colors.power = (matrix, exponent) => {
    const ridge = (1e-5 * (matrix[0] + matrix[4] + matrix[8])) / 3 + 1e-12;
    const { values, vectors } = colors.eigen(matrix.map((value, k) => value + (k % 4 ? 0 : ridge)));
    const scaled = vectors.map((value, k) => value * Math.max(values[k % 3], 1e-12) ** exponent);
    return times(scaled, turned(vectors));
  };

  /** `colors.match_colors`: the picture with the mean and the covariance of another's colors. */
  colors.match = (picture, wanted) => {
    const [own, other] = [colors.moments(picture), colors.moments(wanted)];
    const change = turned(times(colors.power(own.covariance, -0.5), colors.power(other.covariance, 0.5)));
    return each(picture, (rgb) =>
      apply(change, rgb.map((value, k) => value - own.mean[k])).map((value, k) =>
        Math.min(1, Math.max(0, value + other.mean[k])),
      ),
    );
  };
})();
