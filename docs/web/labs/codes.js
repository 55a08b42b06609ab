// Codes in the page: drawn by the network "decode", and taken apart into their principal components.

(() => {
  const { course } = window;
  const codes = (course.codes = {});

  /**
   * The picture that the decoder draws from a code, as `Autoencoder.decode`.
   * @param {object} features of an image of the same size, at every tap
   * @param {string} tap where the code enters
   */
  codes.drawn = async (features, tap, code) => {
    const taps = Object.keys(features).sort();
    const maps = Object.entries({ ...features, [tap]: code }).map(
      ([name, { width, height, channels, data }]) => [
        name,
        { data, dims: [1, height, width, channels] },
      ],
    );
    const level = course.networks.number(taps.indexOf(tap));
    const { images } = await course.networks.run("decode", { ...Object.fromEntries(maps), level });
    return course.networks.toPicture(images);
  };

  // ---- principal components ----------------------------------------------------------------------

  const known = new WeakMap();

  /**
   * A map in terms of its principal components, as `linear.principal_components` finds them: a
   * promise of {mean, axes, numbers}. The axes are rows, the strongest first; the numbers are those
   * of each place along them. They take long: they are found beside the page, once for each map.
   */
  codes.apart = (map) => {
    const { channels, data } = map;
    if (!known.has(map)) known.set(map, course.networks.beside(principalComponents, { channels, data }));
    return known.get(map);
  };

  /** Runs in a thread of its own, so it uses nothing from around it. */
  function principalComponents({ channels, data }) {
    const { mean, covariance } = moments();
    const { values, vectors } = eigen(covariance, channels);
    const order = [...values.keys()].sort((a, b) => values[b] - values[a]);
    const axes = new Float64Array(channels * channels);
    order.forEach((from, to) => {
      axes.set(oriented(vectors.subarray(from * channels, (from + 1) * channels)), to * channels);
    });
    const numbers = new Float64Array(data.length);
    for (let start = 0; start < data.length; start += channels) {
      for (let axis = 0; axis < channels; axis++) {
        let sum = 0;
        for (let k = 0; k < channels; k++) sum += (data[start + k] - mean[k]) * axes[axis * channels + k];
        numbers[start + axis] = sum;
      }
    }
    return { mean, axes, numbers };

    /** Two rows of a matrix turned by an angle, given by its cosine and sine. */
    function turnRows(matrix, length, first, second, cosine, sine) {
      for (let a = first * length, b = second * length, k = 0; k < length; k++, a++, b++) {
        const [x, y] = [matrix[a], matrix[b]];
        matrix[a] = cosine * x - sine * y;
        matrix[b] = sine * x + cosine * y;
      }
    }

    /** The same, of two columns. */
    function turnColumns(matrix, length, first, second, cosine, sine) {
      for (let a = first, b = second; a < matrix.length; a += length, b += length) {
        const [x, y] = [matrix[a], matrix[b]];
        matrix[a] = cosine * x - sine * y;
        matrix[b] = sine * x + cosine * y;
      }
    }

    /** Eigenvalues and, as rows, eigenvectors of a symmetric matrix, by Jacobi's rotations. */
    function eigen(matrix, length) {
      const vectors = new Float64Array(length * length);
      for (let k = 0; k < length; k++) vectors[k * (length + 1)] = 1;
      const size = Math.sqrt(matrix.reduce((sum, value) => sum + value * value, 0));
      for (let sweep = 0, largest = Infinity; sweep < 30 && largest > 1e-10 * size; sweep++) {
        largest = 0;
        for (let p = 0; p < length; p++) {
          for (let q = p + 1; q < length; q++) {
            const entry = matrix[p * length + q];
            largest = Math.max(largest, Math.abs(entry));
            if (Math.abs(entry) < 1e-18 * size) continue;
            // At most an eighth of a turn: larger ones need not come to an end.
            const angle = Math.atan((2 * entry) / (matrix[q * (length + 1)] - matrix[p * (length + 1)])) / 2;
            const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
            turnRows(matrix, length, p, q, cosine, sine);
            turnColumns(matrix, length, p, q, cosine, sine);
            turnRows(vectors, length, p, q, cosine, sine);
          }
        }
      }
      return { values: vectors.map((_, k) => matrix[k * (length + 1)]).slice(0, length), vectors };
    }

    /** `widgets.bottleneck.oriented`: the sign for which the largest entry is positive. */
    function oriented(axis) {
      const largest = axis.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best));
      return largest < 0 ? axis.map((value) => -value) : axis;
    }

    /** The mean of the places of a map, and how its channels vary together, row by row. */
    function moments() {
      const places = data.length / channels;
      const mean = new Float64Array(channels);
      for (let at = 0; at < data.length; at++) mean[at % channels] += data[at] / places;
      const covariance = new Float64Array(channels * channels);
      const off = new Float64Array(channels);
      for (let start = 0; start < data.length; start += channels) {
        for (let k = 0; k < channels; k++) off[k] = data[start + k] - mean[k];
        for (let i = 0; i < channels; i++) {
          const row = i * channels;
          for (let j = i; j < channels; j++) covariance[row + j] += (off[i] * off[j]) / places;
        }
      }
      for (let i = 0; i < channels; i++) {
        for (let j = 0; j < i; j++) covariance[i * channels + j] = covariance[j * channels + i];
      }
      return { mean, covariance };
    }
  }

  /**
   * The map again, from the first numbers of each place.
   * @param {object} map whose sizes it has
   * @param {Float64Array} numbers as many for each place as are kept
   */
  codes.together = (map, { mean, axes }, numbers, kept) => {
    const { channels, data } = map;
    const made = new Float32Array(data.length);
    const sums = new Float64Array(channels);
    for (let start = 0, from = 0; start < made.length; start += channels) {
      sums.set(mean);
      for (let axis = 0; axis < kept; axis++) {
        const number = numbers[from++];
        if (number === 0) continue;
        for (let k = 0; k < channels; k++) sums[k] += number * axes[axis * channels + k];
      }
      made.set(sums, start);
    }
    return { ...map, data: made };
  };

  /** The first numbers of each place. */
  codes.first = ({ channels }, numbers, kept) =>
    Float64Array.from({ length: (numbers.length / channels) * kept }, (_, at) => {
      const place = Math.floor(at / kept);
      return numbers[place * channels + (at - place * kept)];
    });
})();
