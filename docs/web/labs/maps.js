// Feature maps in the page: seen by the network "encode", and shown in colors.

(() => {
  const { course } = window;
  const maps = (course.maps = {});

  const EPSILON = 1e-5; // Of `statistics`.

  /**
   * The features of a picture: tap -> {width, height, channels, data}, channels last.
   * @param {object} [more] what the network takes besides: name -> tensor
   */
  maps.of = async (picture, network = "encode", more = {}) => {
    const images = course.networks.fromPicture(picture);
    const found = await course.networks.run(network, { images, ...more });
    const named = Object.entries(found).map(([tap, { data, dims }]) => [
      tap,
      { height: dims[1], width: dims[2], channels: dims[3], data },
    ]);
    return Object.fromEntries(named);
  };

  /**
   * A picture of the collection at a lab's size, its features, and room for its Gram matrices; a
   * few are kept.
   */
  maps.seen = (lab, name) => {
    const { kept, size } = lab;
    if (!kept.has(name)) {
      if (kept.size > 3) kept.clear();
      const seen = async () => {
        const picture = course.pixels.fitted(await course.pixels.ofCollection(name), size, size);
        return { picture, features: await maps.of(picture), grams: {} };
      };
      kept.set(name, seen());
    }
    return kept.get(name);
  };

  /** One channel as a map {width, height, data}. */
  maps.channel = ({ width, height, channels, data }, channel) => ({
    width,
    height,
    data: Float32Array.from({ length: width * height }, (_, at) => data[at * channels + channel]),
  });

  /** `plots.stretched`: from the smallest to the largest value, brought to [0, 1]. */
  maps.stretched = (map) => {
    const [low, high] = course.views.range(map.data);
    const range = Math.max(high - low, 1e-12);
    return { ...map, data: map.data.map((value) => (value - low) / range) };
  };

  /** A map as a gray picture, or in the colors of a table of 256. */
  maps.asPicture = (map, table = null) => {
    const made = course.pixels.picture(map.width, map.height);
    map.data.forEach((value, at) => {
      const place = 3 * Math.min(255, Math.max(0, Math.floor(256 * value)));
      for (let k = 0; k < 3; k++) made.data[3 * at + k] = table ? table[place + k] : value;
    });
    return made;
  };

  /** `statistics.channel_statistics`: the mean and the standard deviation of each channel. */
  maps.statistics = ({ channels, data }) => {
    const places = data.length / channels;
    const [mean, std] = [new Float64Array(channels), new Float64Array(channels)];
    data.forEach((value, at) => (mean[at % channels] += value / places));
    data.forEach((value, at) => (std[at % channels] += (value - mean[at % channels]) ** 2 / places));
    return { mean, std: std.map((variance) => Math.sqrt(variance + EPSILON)) };
  };

  /** `statistics.normalize`: every channel with mean 0 and standard deviation 1. */
  maps.normalized = (map) => {
    const { mean, std } = maps.statistics(map);
    const { channels } = map;
    const data = map.data.map((value, at) => (value - mean[at % channels]) / std[at % channels]);
    return { ...map, data };
  };

  /** The Gram matrix of features, row by row, as `losses.gram_matrix`. */
  maps.gram = ({ width, height, channels, data }) => {
    const sums = new Float64Array(channels * channels);
    for (let start = 0; start < data.length; start += channels) {
      for (let i = 0; i < channels; i++) {
        const one = data[start + i];
        if (one === 0) continue;
        const row = i * channels;
        for (let j = 0; j < channels; j++) sums[row + j] += one * data[start + j];
      }
    }
    return sums.map((sum) => sum / (width * height));
  };
})();
