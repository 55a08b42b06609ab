// The feature browser: `course_lib.widgets.features`. The patches were looked for by the build.

course.lab("feature_browser", {
  needs: ["pixels", "views", "networks", "maps"],

  async prepare(lab) {
    await course.networks.prepare(lab, ["encode"]);
    const told = await lab.data();
    Object.assign(lab, told, { colors: course.floats(told.colors), kept: new Map() });
    const file = Uint8Array.from(atob(told.searched), (letter) => letter.charCodeAt(0));
    lab.searched = course.pixels.ofBitmap(await createImageBitmap(new Blob([file])));
  },

  arrange(lab) {
    const { tap, channel } = lab.controls;
    const counts = lab.description.channels;
    tap.onchange = (chosen) => (channel.max = counts[chosen] - 1);
  },

  async draw(settings, lab) {
    const { tap, channel, opacity } = settings;
    const { picture, features } = await course.maps.seen(lab, settings.image);
    const map = course.maps.channel(features[tap], channel);
    const glow = course.maps.asPicture(course.maps.stretched(map), lab.colors);
    const cover = course.views.enlarged(glow, lab.size);
    const over = course.pixels.map(
      picture,
      (value, at) => (1 - opacity) * value + opacity * cover.data[at],
    );
    const [low, high] = course.views.range(map.data).map((value) => value.toFixed(2));
    const above = map.data.reduce((count, value) => count + (value > 0), 0) / map.data.length;
    const share = `${Math.round(100 * above)}%`;
    const side = lab.fields[tap];
    const { height, width } = map;
    return {
      panels: [
        { title: tr`${tap}, channel ${channel}`, picture: over },
        { title: tr`excited most: ${side} × ${side} pixels`, picture: this.patches(lab, tap, channel) },
      ],
      columns: 2,
      words: tr`${tap}, channel ${channel} of ${features[tap].channels}: ${height} x ${width} places, each sees ${side} x ${side} pixels; from ${low} to ${high} in this image, above 0 at ${share} of the places.`,
    };
  },

  /** The patches that excite a channel most, one in each image, the strongest first. */
  patches(lab, tap, channel) {
    const { values, places } = lab.strongest[tap];
    const order = values.map((of, image) => [of[channel], image]).sort(([a], [b]) => b - a);
    const cell = Math.floor((lab.size - (lab.rows - 1) * lab.gap) / lab.rows);
    const sheet = course.pixels.picture(lab.size, lab.size);
    sheet.data.fill(1);
    order.slice(0, lab.rows ** 2).forEach(([, image], number) => {
      const patch = this.cut(lab, image, tap, places[image][channel]);
      const shown = course.views.enlarged(patch, cell);
      const left = (number % lab.rows) * (cell + lab.gap);
      const top = Math.floor(number / lab.rows) * (cell + lab.gap);
      for (let row = 0; row < shown.height; row++) {
        const from = 3 * row * shown.width;
        const line = shown.data.subarray(from, from + 3 * shown.width);
        sheet.data.set(line, 3 * ((top + row) * sheet.width + left));
      }
    });
    return sheet;
  },

  /** What a place of a tap's map sees of an image, which is mirrored beyond its border. */
  cut(lab, image, tap, [row, column]) {
    const length = lab.searched.width;
    const side = lab.fields[tap];
    const stride = 2 ** Object.keys(lab.fields).indexOf(tap);
    const mirrored = (at) => (at < 0 ? -at : at >= length ? 2 * (length - 1) - at : at);
    const first = (place) => place * stride + Math.floor((stride - side) / 2);
    const made = course.pixels.picture(side, side);
    for (let down = 0, to = 0; down < side; down++) {
      const line = length * (image * length + mirrored(first(row) + down));
      for (let right = 0; right < side; right++, to += 3) {
        const from = 3 * (line + mirrored(first(column) + right));
        made.data.set(lab.searched.data.subarray(from, from + 3), to);
      }
    }
    return made;
  },
});
